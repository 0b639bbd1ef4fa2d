// Carries requests between the runtime and the gate in WebAssembly, and decides nothing itself. The gate is
// called synchronously, with texts and numbers: objects and promises crossing that border cost more than
// checking a cookie. `now` is a parameter so that tests can move the clock.
import { clientOf, createErrands, kindOf } from "./errands.mjs";
import { FOR_CACHES, copy, keepCookies, keepFromCaches, outgoing, parseAnswer, told } from "./headers.mjs";

// No request needs more errands than the keyring, new tokens, the head of the feed, the keyring that it speaks of, a snapshot,
// and a check for want of all these; and one that was overtaken.
const MAX_ERRANDS = 8;

// How many different ways of speaking about caching are remembered.
const MAX_UNSHARED = 64;

// How much of a large document is handed over at once.
const PIECE = 65_536;

export function createDoor(Worker, { now }) {
  const { load, gate, doubt, refuse, guard, hand_out, keep_private, absorb } = Worker.prototype;
  const parts = [load, gate, doubt, refuse, guard, hand_out, keep_private, absorb];
  const complete = parts.every((part) => typeof part === "function");

  // A panic in an errand shows itself only as this event. The module's memory is broken from then on, and the
  // synchronous calls go past the hook that would replace it: making an instance of the class does not.
  let broken = false;
  globalThis.addEventListener("error", (event) => {
    broken ||= event.error instanceof WebAssembly.RuntimeError;
  });

  // The last sealed documents, which outlive whatever happens to the module's memory: the keyring, and of the feed as
  // many as it takes to know all that was known.
  let keyring = null;
  let feed = [];
  let complaint = "";

  function complain(text) {
    if (text !== complaint) console.error(`sealgate: ${text}`);
    complaint = text;
  }

  // To be called before any synchronous call that follows a wait: somebody else's errand may have panicked meanwhile.
  function heal(env, ctx) {
    if (broken) new Worker(ctx, env);
    broken = false;
  }

  // Makes a synchronous call, handing the module what it needs when it holds nothing. Answers "misconfigured"
  // when it cannot work.
  function ask(env, ctx, call) {
    if (!complete) {
      complain("the build lacks a part of the gate; run the build again");
      return "refuse misconfigured";
    }
    heal(env, ctx);
    const answer = call();
    if (answer !== "load") return answer;
    const secrets = [env.SEALGATE_EDGE_SECRET, env.SEALGATE_UPSTREAM_SECRETS].map((secret) => String(secret ?? ""));
    const mistake = load(JSON.stringify(env.SEALGATE ?? null), ...secrets);
    complain(mistake);
    if (mistake) return "refuse misconfigured";
    if (keyring) takeIn(keyring);
    for (const document of feed) takeIn(document);
    return call();
  }

  // Hands over the answer to an errand, a large one in pieces: the module's memory never shrinks again.
  function takeIn({ errand, status, bytes, asOf, challenge }) {
    const size = errand.startsWith("snapshot ") ? PIECE : Math.max(bytes.length, 1);
    let outcome;
    for (let at = 0; at === 0 || (outcome === "more" && at < bytes.length); at += size) {
      const left = Math.max(bytes.length - at - size, 0);
      outcome = absorb(errand, status, bytes.subarray(at, at + size), left, asOf, challenge);
    }
    return outcome;
  }

  function keep(outcome, document) {
    if (outcome === "keyring") {
      // 304 says that what is held is still the newest.
      keyring = { ...document, status: 200, bytes: document.status === 304 ? keyring.bytes : document.bytes };
    }
    const [others, last] = [feed.slice(0, -1), feed.slice(-1)];
    if (outcome === "feed too") feed = [...feed, document];
    if (outcome === "feed in_place_of_last") feed = [...others, document];
    if (outcome === "feed in_place_of_others") feed = [document, ...last];
    if (outcome === "feed before_last") feed = [...others, document, ...last];
  }

  const { run } = createErrands(Worker, {
    now,
    prepare: (env, ctx) => ask(env, ctx, () => absorb("", 0, new Uint8Array(), 0, 0, "")),
    absorbed(document, env, ctx) {
      const outcome = ask(env, ctx, () => takeIn(document));
      keep(outcome, document);
      return outcome;
    },
  });

  // Asks, and runs errands until there is an answer that needs none. The answer to most requests is there at once,
  // and then it is no promise.
  function settle(visit, call) {
    const answer = ask(visit.env, visit.ctx, () => call(""));
    return answer.startsWith("need ") ? settleLater(visit, call, answer) : answer;
  }

  async function settleLater(visit, call, first) {
    const { env, ctx } = visit;
    let answer = first;
    for (let errands = 0; errands < MAX_ERRANDS; errands++) {
      const errand = answer.slice("need ".length);
      const since = now();
      const outcome = await run(errand, clientOf(errand, visit.request), env, ctx);
      visit.waits?.push(`sealgate-${kindOf(errand)};dur=${now() - since}`);
      if (outcome.startsWith("refreshed\n")) takeUp(visit, outcome);
      answer = ask(env, ctx, () => call(outcome));
      if (!answer.startsWith("need ")) return answer;
    }
    return "refuse origin_unavailable";
  }

  // Whoever is surely not looking at a page gets the same answer as everybody else who is refused for the same
  // reason, so a flood of forged cookies makes it once. The gate decides about the others.
  const refusals = new Map();

  function refusal(request, env, ctx, denial) {
    if (!complete) return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
    heal(env, ctx);
    const header = (name) => request.headers.get(name) ?? "";
    const [accept, mode] = [header("accept"), header("sec-fetch-mode")];
    if (mode === "navigate" || accept.includes("text/html")) {
      return respond(parseAnswer(refuse(denial, request.url, request.method, header("cookie"), accept, mode)));
    }
    let answer = refusals.get(denial);
    if (!answer) {
      answer = parseAnswer(refuse(denial, "", "", "", "", ""));
      // What a gate without settings says does not hold for one that has them.
      if (denial !== "misconfigured") refusals.set(denial, answer);
    }
    return respond(answer);
  }

  async function forward(visit, verdict) {
    const { request, env, ctx } = visit;
    const [first, url, ...lines] = verdict.split("\n");
    const [, to, ...errand] = first.split(" ");
    if (errand.length > 0) ctx.waitUntil(run(errand.join(" "), [], env, ctx));
    const cookieToSet = lines.at(-1)?.startsWith("set-cookie: ") && lines.pop().slice("set-cookie: ".length);
    let response;
    try {
      response = await fetch(outgoing(request, url, lines, to));
    } catch {
      return refusal(request, env, ctx, to === "origin" ? "origin_unavailable" : "upstream_unreachable");
    }
    return to === "origin" ? noted(visit, response) : guarded(visit, response, to, cookieToSet);
  }

  // What the origin may have changed by its answer to a person.
  function noted(visit, response) {
    const { request, env, ctx, cookie, headers } = visit;
    const answer = visit.lines || response.headers.has("set-cookie") ? handOut(visit, response) : response;
    // Whatever was learnt while it was under way may be from before the session ended.
    ask(env, ctx, () => doubt(request.url, request.method, cookie, headers, now()));
    return answer;
  }

  // What an application may answer: no cookies of ours but those of a sign-in, and nothing that was decided on
  // a session is for caches that others share.
  function guarded(visit, response, to, cookieToSet) {
    const { url } = visit.request;
    heal(visit.env, visit.ctx);
    const { headers, webSocket } = response;
    const caching = headers.get("cache-control") ?? "";
    const isOfSession = to === "session" && !webSocket;
    const ownCaching = isOfSession ? withoutSharing(caching) : caching;
    const isShared = ownCaching !== caching || (isOfSession && FOR_CACHES.some((name) => headers.has(name)));
    const finish = (passage) => finished(response, passage, isShared && ownCaching, cookieToSet);
    if (!headers.has("set-cookie")) return finish("");
    const [lines, age] = [headers.getSetCookie().join("\n"), headers.get("age") ?? ""];
    const passage = settle(visit, (outcome) => guard(url, lines, age, caching, outcome, now()));
    return typeof passage === "string" ? finish(passage) : passage.then(finish);
  }

  // Applications say the same few things about caching over and over.
  const unshared = new Map();

  function withoutSharing(caching) {
    let answer = unshared.get(caching);
    if (answer === undefined) {
      answer = keep_private(caching);
      if (unshared.size < MAX_UNSHARED) unshared.set(caching, answer);
    }
    return answer;
  }

  function finished(response, passage, ownCaching, cookieToSet) {
    const isShared = ownCaching !== false;
    if (!passage && !isShared && !cookieToSet) return response;
    const changed = copy(response);
    if (isShared) keepFromCaches(changed.headers, ownCaching);
    if (passage) keepCookies(changed.headers, passage);
    if (cookieToSet) changed.headers.append("set-cookie", cookieToSet);
    return changed;
  }

  // A refresh answered with new cookies: the request has them now as if it had come with them, and its answer will have them
  // if nothing speaks against it by then.
  function takeUp(visit, outcome) {
    const [, pairs, ...lines] = outcome.split("\n");
    visit.cookie = visit.cookie ? `${pairs}; ${visit.cookie}` : pairs;
    visit.lines = lines;
  }

  // Puts the cookies of a refresh on an answer, whatever it is, if the gate says so.
  function handOut(visit, response) {
    const { request, env, ctx, lines = [], askedAt } = visit;
    const { url, method } = request;
    visit.lines = undefined;
    const answered = response.headers.getSetCookie().join("\n");
    const word = ask(env, ctx, () => hand_out(url, method, lines.join("\n"), answered, askedAt, now()));
    if (word !== "yes") return response;
    const changed = copy(response);
    for (const line of lines) changed.headers.append("set-cookie", line);
    keepFromCaches(changed.headers, "no-store");
    return changed;
  }

  // What becomes of a request, in the gate's words: "forward …" or "refuse …".
  function decide(request, env, ctx, visit = visitOf(request, env, ctx)) {
    const { url, method } = request;
    const { headers } = visit;
    return settle(visit, (outcome) => gate(url, method, visit.cookie, headers, outcome, (visit.askedAt = now())));
  }

  function carryOut(visit, verdict) {
    return verdict.startsWith("forward ")
      ? forward(visit, verdict)
      : refusal(visit.request, visit.env, visit.ctx, verdict.slice("refuse ".length));
  }

  return {
    decide,
    refusal,
    async fetch(request, env, ctx) {
      const visit = visitOf(request, env, ctx);
      // What was decided at once is not waited for, not even a moment.
      const verdict = decide(request, env, ctx, visit);
      const decided = typeof verdict === "string" ? verdict : await verdict;
      const response = await carryOut(visit, decided);
      const answer = visit.lines ? handOut(visit, response) : response;
      return visit.waits?.length ? withTiming(answer, visit.waits) : answer;
    },
  };
}

// A request, and what becomes of it on its way: `cookie` may get more, `lines` are the Set-Cookie lines of a refresh, `waits`
// takes what was waited for, `askedAt` is when the gate was last asked.
function visitOf(request, env, ctx) {
  const cookie = request.headers.get("cookie") ?? "";
  const waits = env.SEALGATE?.server_timing ? [] : undefined;
  return { request, env, ctx, cookie, headers: told(request), lines: undefined, waits, askedAt: 0 };
}

// What was waited for (W3C Server Timing). On Cloudflare the clock stands still while nothing is waited for.
function withTiming(response, waits) {
  const changed = copy(response);
  changed.headers.append("server-timing", waits.join(", "));
  return changed;
}

function respond({ body, init }) {
  return new Response(body, init);
}
