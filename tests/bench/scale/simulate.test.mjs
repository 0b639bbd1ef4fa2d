// What is skipped makes no difference: playing every request gives the same figures.

import assert from "node:assert/strict";
import test from "node:test";

import { PROFILES, SIZES } from "./assumptions.mjs";
import { seeded } from "./random.mjs";
import { simulate } from "./simulate.mjs";

/** One isolate that gets `rate` requests a second and is `trip` seconds from the origin, each request played. */
function play(rate, trip, { soft, hard }) {
  const chance = seeded(7);
  const seen = { heads: 0, waits: 0, requests: 0, seconds: 50_000 };
  let since = -Infinity;
  let asked = null;
  for (let now = chance.next(rate); now < seen.seconds; now += chance.next(rate)) {
    seen.requests += 1;
    if (asked !== null && now >= asked + trip) [since, asked] = [asked, null];
    if (now - since >= hard) seen.waits += 1;
    if (now - since >= soft && asked === null) [asked, seen.heads] = [now, seen.heads + 1];
  }
  return seen;
}

for (const rate of [0.5, 2, 5]) {
  test(`at ${rate} requests a second, heads and waits are those of every request played`, () => {
    const played = play(rate, 0.13, PROFILES.direct);
    const isolates = 300;
    const seconds = 200;
    const simulated = simulate({ ...SIZES[1], isolates, profile: PROFILES.direct, rate, seed: 1, seconds });
    const near = (one, other) => assert.ok(Math.abs(one - other) < 0.02, `${one} and ${other}`);
    near(simulated.heads / isolates / seconds, played.heads / played.seconds);
    near(simulated.waits / simulated.requests, played.waits / played.requests);
  });
}

test("no set older than the profile's bound decides when requests go straight to the origin", () => {
  const { oldest } = simulate({ ...SIZES[1], profile: PROFILES.direct, seed: 1, seconds: 60 });
  assert.ok(oldest <= PROFILES.direct.hard, `${oldest}`);
});

test("the same seed gives the same figures, another seed others", () => {
  const run = (seed) => simulate({ ...SIZES[0], profile: PROFILES.cached, seed, seconds: 60, revocations: 1, probes: 5 });
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
});
