// Who is measured, and what each of them promises.

/**
 * Ours. `bound_ms` is how long after a revocation was acknowledged a session may be let in. Busy processes are asked
 * for each session under test all the time, each isolate of the idle ones once in three seconds. `at_once` sessions are
 * under test.
 */
export const PROFILES = [
  {
    name: "feed, direct",
    asks: "the origin twice a second and isolate",
    bound_ms: 1_000,
    busy_processes: 2,
    idle_processes: 2,
    at_once: 8,
    settings: {},
    rule: {},
  },
  {
    name: "feed, through a cache",
    asks: "a cache as often; the cache asks the origin once a second",
    bound_ms: 3_000,
    busy_processes: 2,
    idle_processes: 2,
    at_once: 16,
    isCached: true,
    settings: { feed_cache: "1s" },
    rule: {},
  },
  {
    name: "a question for each request",
    asks: "the origin each time",
    isPeer: true,
    bound_ms: 0,
    busy_processes: 2,
    idle_processes: 0,
    at_once: 2,
    settings: { check_cache_ms: 0 },
    rule: { revocation: "ask" },
  },
];

/**
 * better-auth's cookie cache. Its default is five minutes, in which a few hundred revocations would take hours; five
 * seconds show how it behaves, which the lifetime does not change.
 */
export const COOKIE_CACHE = {
  name: "better-auth, cookie cache of 5 s",
  asks: "its database once in 5 s and session",
  isPeer: true,
  bound_ms: 5_000,
  max_age_s: 5,
  // At any age of the cookie.
  varies_ms: 5_000,
  at_once: 25,
  interval_ms: 50,
};

/** What is not measured but follows from the lifetime alone, with who says so. */
export const STATED = [
  {
    name: "better-auth, cookie cache as it comes",
    bound_ms: 300_000,
    source: "better-auth 1.7.25, `session.cookieCache.maxAge`: 300 s unless set otherwise",
  },
  {
    name: "a JSON Web Token of 60 s, renewed by the session",
    bound_ms: 60_000,
    source: "RFC 7519 §4.1.4: it is taken until it expires; nothing else is asked",
  },
];

/** How often an idle isolate is asked for anything. */
export const IDLE_EVERY_MS = 3_000;

/** How many isolates there are in each idle process, so that there is one for each of many revocations. */
export const ISOLATES_PER_IDLE = 16;
