// Errands: what the gate needs to know of the origin, asked once for all who need it at the same time.

// The errand runner has its own deadline; this one is for the case that it dies without a word.
const ERRAND_DEADLINE_MS = 5_000;

// How long somebody waits for an answer that another request asked for, and how long that counts as under way.
const SHARED_WAIT_MS = 1_500;
const UNDER_WAY_MS = 2_000;

/**
 * `prepare` sees to it that the module has what the question is made from, `absorbed` hands it the answer and says how it
 * ended.
 */
export function createErrands(Worker, { now, prepare, absorbed }) {
  // Errands that are out. Requests that want the same thing at once await one promise, kept alive by the request that
  // made it, which yields a text: nothing but plain values may pass from one request to another in workerd.
  const underWay = new Map();

  function runOnce(errand, client, env, ctx) {
    const name = [errand, ...client].join("\n");
    const found = underWay.get(name);
    const age = found ? now() - found.askedAt : -1;
    const byItself = () => runAnew(name, errand, client, env, ctx);
    if (age < 0 || age >= UNDER_WAY_MS) return byItself();
    // Sharing is an optimisation: whoever has waited too long asks by itself.
    return within(SHARED_WAIT_MS, found.outcome).catch(byItself);
  }

  function runAnew(name, errand, client, env, ctx) {
    const askedAt = now();
    const outcome = fetchAndAbsorb(errand, client, askedAt, env, ctx).finally(() => {
      if (underWay.get(name)?.outcome === outcome) underWay.delete(name);
    });
    underWay.set(name, { askedAt, outcome });
    ctx.waitUntil(outcome.catch(() => {}));
    return outcome;
  }

  // The answer is taken in once, by the request that asked. What the others are told about a session counts for their
  // own decision, and a keyring is handed to the module again should it have lost its memory meanwhile.
  async function fetchAndAbsorb(errand, client, askedAt, env, ctx) {
    const document = await within(ERRAND_DEADLINE_MS, fetchAnswer(errand, client, askedAt, env, ctx));
    const outcome = absorbed(document, env, ctx);
    if (outcome.startsWith("failed ")) console.warn(`sealgate: the origin gave no usable answer to: ${kindOf(errand)}`);
    return outcome;
  }

  async function fetchAnswer(errand, [agent = "", ip = ""], askedAt, env, ctx) {
    const challenge = crypto.randomUUID();
    const headers = { errand, challenge, "client-agent": agent, "client-ip": ip };
    const request = new Request("http://errand.invalid/", { headers });
    const worker = new Worker(ctx, env);
    // Making it may have replaced the memory, with the settings that the question is made from.
    prepare(env, ctx);
    const response = await worker.fetch(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [status, age] = ["status", "age-ms"].map((name) => Number(response.headers.get(name)));
    return { errand, status, bytes, asOf: Math.max(askedAt - age, 0), challenge };
  }

  // Runs an errand and answers how it ended, in the gate's own words. The client is whom it is for, if it is for one.
  async function run(errand, client, env, ctx) {
    try {
      return await runOnce(errand, client, env, ctx);
    } catch (error) {
      console.error(`sealgate: errand ${kindOf(errand)} failed: ${error}`);
      return `failed ${kindOf(errand)}`;
    }
  }

  return { run };
}

export function kindOf(errand) {
  return errand.split(" ", 1)[0];
}

// Whom an errand is for: the origin tells devices apart by it. The address is Cloudflare's word, whatever the client says.
export function clientOf(errand, { headers }) {
  if (!errand.startsWith("refresh ")) return [];
  return ["user-agent", "cf-connecting-ip"].map((name) => headers.get(name) ?? "");
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
