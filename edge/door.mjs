// Carries requests between the runtime and the gate in WebAssembly, and decides nothing itself. The gate is
// called synchronously, with texts and numbers: objects and promises crossing that border cost more than
// checking a cookie. `now` is a parameter so that tests can move the clock.

// Headers that only the edge may set, in any spelling that some server takes for the same name: some make one
// of whatever is neither letter nor digit.
const OURS = /^x[^a-z0-9](sealgate[^a-z0-9]|forwarded[^a-z0-9](host|proto)$)/i;

// No request needs more errands than the keyring, the head of the feed, the keyring that it speaks of, a snapshot, and a
// check for want of all these.
const MAX_ERRANDS = 6;

// The errand runner has its own deadline; this one is for the case that it dies without a word.
const ERRAND_DEADLINE_MS = 5_000;

// How many different ways of speaking about caching are remembered.
const MAX_UNSHARED = 64;

// How much of a large document is handed over at once.
const PIECE = 65_536;

// How long somebody waits for an answer that another request asked for, and how long that counts as under way.
const SHARED_WAIT_MS = 1_500;
const UNDER_WAY_MS = 2_000;

export function createDoor(Worker, { now }) {
  const { load, gate, doubt, refuse, guard, keep_private, absorb } = Worker.prototype;
  const complete = [load, gate, doubt, refuse, guard, keep_private, absorb].every((part) => typeof part === "function");

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

  // Errands that are out. Requests that want the same thing at once await one promise, kept alive by the request that
  // made it, which yields a text: nothing but plain values may pass from one request to another in workerd.
  const underWay = new Map();

  function runOnce(errand, env, ctx) {
    const found = underWay.get(errand);
    const age = found ? now() - found.askedAt : -1;
    if (age < 0 || age >= UNDER_WAY_MS) return runAnew(errand, env, ctx);
    // Sharing is an optimisation: whoever has waited too long asks by itself.
    return within(SHARED_WAIT_MS, found.outcome).catch(() => runAnew(errand, env, ctx));
  }

  function runAnew(errand, env, ctx) {
    const askedAt = now();
    const outcome = fetchAndAbsorb(errand, askedAt, env, ctx).finally(() => {
      if (underWay.get(errand)?.outcome === outcome) underWay.delete(errand);
    });
    underWay.set(errand, { askedAt, outcome });
    ctx.waitUntil(outcome.catch(() => {}));
    return outcome;
  }

  // The answer is taken in once, by the request that asked. What the others are told about a session counts for their
  // own decision, and a keyring is handed to the module again should it have lost its memory meanwhile.
  async function fetchAndAbsorb(errand, askedAt, env, ctx) {
    const document = await within(ERRAND_DEADLINE_MS, fetchAnswer(errand, askedAt, env, ctx));
    const outcome = ask(env, ctx, () => takeIn(document));
    keep(outcome, document);
    if (outcome.startsWith("failed ")) console.warn(`sealgate: the origin gave no usable answer to: ${kindOf(errand)}`);
    return outcome;
  }

  async function fetchAnswer(errand, askedAt, env, ctx) {
    const challenge = crypto.randomUUID();
    const request = new Request("http://errand.invalid/", { headers: { errand, challenge } });
    const worker = new Worker(ctx, env);
    // Making it may have replaced the memory, with the settings that the question is made from.
    ask(env, ctx, () => absorb("", 0, new Uint8Array(), 0, 0, ""));
    const response = await worker.fetch(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [status, age] = ["status", "age-ms"].map((name) => Number(response.headers.get(name)));
    return { errand, status, bytes, asOf: Math.max(askedAt - age, 0), challenge };
  }

  // Runs an errand and answers how it ended, in the gate's own words.
  async function run(errand, env, ctx) {
    try {
      return await runOnce(errand, env, ctx);
    } catch (error) {
      console.error(`sealgate: errand ${kindOf(errand)} failed: ${error}`);
      return `failed ${kindOf(errand)}`;
    }
  }

  // Asks, and runs errands until there is an answer that needs none. The answer to most requests is there at once,
  // and then it is no promise.
  function settle(env, ctx, call, waits) {
    const answer = ask(env, ctx, () => call(""));
    return answer.startsWith("need ") ? settleLater(env, ctx, call, answer, waits) : answer;
  }

  async function settleLater(env, ctx, call, first, waits) {
    let answer = first;
    for (let errands = 0; errands < MAX_ERRANDS; errands++) {
      const errand = answer.slice("need ".length);
      const since = now();
      const outcome = await run(errand, env, ctx);
      waits?.push(`sealgate-${kindOf(errand)};dur=${now() - since}`);
      answer = ask(env, ctx, () => call(outcome));
      if (!answer.startsWith("need ")) return answer;
    }
    return "refuse origin_unavailable";
  }

  // Whoever is surely not looking at a page gets the same answer as everybody else who is refused for the same
  // reason, so a flood of forged cookies makes it once. The gate decides about the others.
  const refusals = new Map();

  function refusal(request, env, ctx, code) {
    if (!complete) return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
    heal(env, ctx);
    const header = (name) => request.headers.get(name) ?? "";
    const [accept, mode] = [header("accept"), header("sec-fetch-mode")];
    if (mode === "navigate" || accept.includes("text/html")) {
      return respond(parseAnswer(refuse(code, request.url, request.method, header("cookie"), accept, mode)));
    }
    let answer = refusals.get(code);
    if (!answer) {
      answer = parseAnswer(refuse(code, "", "", "", "", ""));
      // What a gate without settings says does not hold for one that has them.
      if (code !== "misconfigured") refusals.set(code, answer);
    }
    return respond(answer);
  }

  async function forward(request, env, ctx, verdict) {
    const [first, url, ...lines] = verdict.split("\n");
    const [, to, ...errand] = first.split(" ");
    if (errand.length > 0) ctx.waitUntil(run(errand.join(" "), env, ctx));
    const cookieToSet = lines.at(-1)?.startsWith("set-cookie: ") && lines.pop().slice("set-cookie: ".length);
    let response;
    try {
      response = await fetch(outgoing(request, url, lines, to));
    } catch {
      return refusal(request, env, ctx, to === "origin" ? "origin_unavailable" : "upstream_unreachable");
    }
    if (to !== "origin") return guarded(request, env, ctx, response, to, cookieToSet);
    // Whatever was learnt while it was under way may be from before the session ended.
    if (request.method !== "GET") ask(env, ctx, () => doubt(request.url, request.headers.get("cookie") ?? "", now()));
    return response;
  }

  // What an application may answer: no cookies of ours but those of a sign-in, and nothing that was decided on
  // a session is for caches that others share.
  function guarded(request, env, ctx, response, to, cookieToSet) {
    heal(env, ctx);
    const { headers, webSocket } = response;
    const caching = headers.get("cache-control") ?? "";
    const isOfSession = to === "session" && !webSocket;
    const ownCaching = isOfSession ? withoutSharing(caching) : caching;
    const isShared = ownCaching !== caching || (isOfSession && FOR_CACHES.some((name) => headers.has(name)));
    const finish = (passage) => finished(response, passage, isShared && ownCaching, cookieToSet);
    if (!headers.has("set-cookie")) return finish("");
    const [lines, age] = [headers.getSetCookie().join("\n"), headers.get("age") ?? ""];
    const passage = settle(env, ctx, (outcome) => guard(request.url, lines, age, caching, outcome, now()));
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
    const { headers, webSocket } = response;
    const isShared = ownCaching !== false;
    if (!passage && !isShared && !cookieToSet) return response;
    // A browser takes cookies from the answer to an upgrade, too.
    const changed = new Response(response.body, webSocket ? { status: 101, headers, webSocket } : response);
    if (isShared) keepFromCaches(changed.headers, ownCaching);
    if (passage) keepCookies(changed.headers, passage);
    if (cookieToSet) changed.headers.append("set-cookie", cookieToSet);
    return changed;
  }

  // What becomes of a request, in the gate's words: "forward …" or "refuse …". `waits` takes what was waited for.
  function decide(request, env, ctx, waits) {
    const cookie = request.headers.get("cookie") ?? "";
    return settle(env, ctx, (outcome) => gate(request.url, request.method, cookie, outcome, now()), waits);
  }

  function carryOut(request, env, ctx, verdict) {
    return verdict.startsWith("forward ")
      ? forward(request, env, ctx, verdict)
      : refusal(request, env, ctx, verdict.slice("refuse ".length));
  }

  return {
    decide,
    refusal,
    async fetch(request, env, ctx) {
      const waits = env.SEALGATE?.server_timing ? [] : undefined;
      // What was decided at once is not waited for, not even a moment.
      const verdict = decide(request, env, ctx, waits);
      const decided = typeof verdict === "string" ? verdict : await verdict;
      const response = await carryOut(request, env, ctx, decided);
      return waits?.length ? withTiming(response, waits) : response;
    },
  };
}

// What was waited for (W3C Server Timing). On Cloudflare the clock stands still while nothing is waited for.
function withTiming(response, waits) {
  const { headers, webSocket } = response;
  const changed = new Response(response.body, webSocket ? { status: 101, headers, webSocket } : response);
  changed.headers.append("server-timing", waits.join(", "));
  return changed;
}

function kindOf(errand) {
  return errand.split(" ", 1)[0];
}

function outgoing(request, url, lines, to) {
  const { method } = request;
  // A length alone, be it 0, is a body to the runtime, and with one it sends no GET.
  const body = method === "GET" || method === "HEAD" ? null : request.body;
  const init = { method, headers: request.headers, body, redirect: "manual" };
  // What is decided on a session, or is one, must neither be answered from a cache that others share nor end up in
  // one: the option is for the runtime's own, the header below for those on the way.
  if (to !== "public") init.cache = "no-store";
  const sent = new Request(url, init);
  const { headers } = sent;
  for (const name of request.headers.keys()) {
    if (name[0] === "x" && OURS.test(name)) headers.delete(name);
  }
  headers.delete("cookie");
  if (to !== "public") headers.set("cache-control", "no-cache, no-store");
  setLines(headers, lines);
  // Cloudflare writes this header itself, whatever the client sent. The origin limits what one address may try.
  const address = to === "origin" ? request.headers.get("cf-connecting-ip") : null;
  if (address) headers.set("x-sealgate-client-ip", address);
  return sent;
}

function setLines(headers, lines) {
  for (const line of lines) {
    const colon = line.indexOf(": ");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
    if (name === "set-cookie") headers.append(name, value);
    else headers.set(name, value);
  }
}

// Caching headers that go before Cache-Control in the caches they are named for (RFC 9213 and what was before it).
const FOR_CACHES = ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control", "x-accel-expires"];

function keepFromCaches(headers, caching) {
  headers.set("cache-control", caching);
  for (const name of FOR_CACHES) headers.delete(name);
}

// Without a decision (the gate was lost, the configuration is broken) no cookie passes at all.
function keepCookies(headers, passage) {
  const [first, ...lines] = passage.split("\n");
  const [word, dropped, ours] = first.split(" ");
  headers.delete("set-cookie");
  if (word !== "keep") return;
  for (const line of lines) headers.append("set-cookie", line);
  if (ours === "1") keepFromCaches(headers, "no-store");
  if (dropped !== "0") console.warn(`sealgate: dropped ${dropped} Set-Cookie lines of the application`);
}

function parseAnswer(text) {
  const end = text.indexOf("\n\n");
  const [status, ...lines] = text.slice(0, end).split("\n");
  const headers = new Headers();
  setLines(headers, lines);
  return { body: text.slice(end + 2) || null, init: { status: Number(status), headers } };
}

function respond({ body, init }) {
  return new Response(body, init);
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
