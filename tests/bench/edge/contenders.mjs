// Who is measured, and at what.
const subject = (name) => `tests/bench/subjects/${name}.mjs`;
const peer = (name) => `tests/bench/peers/workers/${name}.mjs`;

/**
 * Each contender's Workers: the one that answers by itself, the one before an application, or both. `cookies` names the
 * cookies it is sent (see cookies.mjs), or, for those of ours, `site` the origin behind it (see sites.mjs); `path`
 * replaces the usual one.
 */
export const CONTENDERS = [
  { name: "no-op", cookies: "any", answers: subject("noop") },
  { name: "pass-through", cookies: "any", proxies: subject("pass-through") },
  { name: "jose, key cached", cookies: "jwt", answers: subject("jose"), proxies: subject("jose-proxy") },
  { name: "hono/jwt, key cached", cookies: "jwt", answers: peer("hono") },
  { name: "better-auth cookie cache", cookies: "betterAuth", answers: peer("better-auth") },
  { name: "sealgate", site: "quiet", answers: subject("ours"), proxies: "edge/entry.mjs" },
  { name: "sealgate, 100,000 revoked", site: "revoked", answers: subject("ours"), proxies: "edge/entry.mjs" },
  { name: "sealgate, 1,000 signed out", site: "marked", answers: subject("ours"), proxies: "edge/entry.mjs" },
  { name: "sealgate, marking private", site: "quiet", path: "/unmarked", proxies: "edge/entry.mjs" },
];

export const [JOSE, OURS] = ["jose, key cached", "sealgate"];

/** Those of ours that have many revocations to look through, which is meant to be lost in the noise. */
export const LADEN = ["sealgate, 100,000 revoked", "sealgate, 1,000 signed out"];

/** What shows how much memory the module in WebAssembly has, and the most that it is meant to have with everything in it. */
export const MEMORY = { main: subject("memory"), aim_mb: 6 };

/**
 * What they do: `by` which of their Workers, with which of their cookies, and the status that is right. Those that have no
 * such Worker or cookie sit out. `base` is whom all are compared with, besides jose at the same; `goals` are ours.
 */
export const SCENARIOS = [
  {
    name: "verify and answer",
    by: "answers",
    cookie: "good",
    status: 200,
    base: "no-op",
    goals: { to_base: { aim: 1.25, accept: 1.4 }, to_jose: { aim: 0.7, accept: 0.85 } },
  },
  {
    name: "verify and proxy",
    by: "proxies",
    cookie: "good",
    status: 200,
    base: "pass-through",
    goals: { to_base: { aim: 1.12 } },
  },
  { name: "reject forged", by: "answers", cookie: "forged", status: 401, base: "no-op" },
  { name: "reject expired", by: "answers", cookie: "expired", status: 401, base: "no-op" },
];
