// One revocation under observation, and many that overlap.
import { setTimeout as sleep } from "node:timers/promises";

import { Seen } from "./seen.mjs";

// How often each busy isolate is asked for each session, unless the profile says otherwise.
const INTERVAL_MS = 15;
// A session that was refused so often in a row stays refused.
const REFUSALS = 10;
// How long a session is used before it is revoked: this, and up to as long again unless the profile says otherwise.
const USED_MS = 400;
// When to stop waiting for a refusal.
const GIVE_UP_MS = 30_000;

/** Revokes `count` sessions, `at_once` under test at a time. */
export async function runTrials({ count, at_once, random, varies_ms = USED_MS, ...world }) {
  const observed = { busy: [], idle: [], complaints: [], acknowledged_ms: [] };
  let begun = 0;
  const client = async () => {
    while (begun < count) {
      begun++;
      // Drawn at once, so that the order of answers does not matter.
      const [begin, used] = [random() * USED_MS, USED_MS + random() * varies_ms];
      await runTrial({ ...world, begin, used }, observed);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, count) }, client));
  observed.complaints.push(...(world.idling?.complaints ?? []));
  return observed;
}

async function runTrial(world, observed) {
  const { busy, idling, mint, revoke, used, begin, interval_ms = INTERVAL_MS } = world;
  await sleep(begin);
  const session = await mint();
  const trial = { sentAt: Infinity, ackAt: Infinity };
  const probes = busy.map((target) => probe(target, { session, trial, interval_ms }));
  const done = Promise.all(probes.map((one) => one.done));
  await Promise.race([done, Promise.all(probes.map((one) => one.begun))]);
  await Promise.race([done, sleep(used)]);

  const idleSeen = [];
  const note = () => {
    const seen = new Seen(trial);
    idleSeen.push(seen);
    return seen;
  };
  const idle = idling?.assign(trial, session, note) ?? [];
  trial.sentAt = performance.now();
  await revoke(session);
  trial.ackAt = performance.now();
  observed.acknowledged_ms.push(trial.ackAt - trial.sentAt);
  observed.busy.push(...(await done));
  await Promise.all(idle);
  observed.idle.push(...idleSeen.map((seen) => seen.conclude()));
}

/** Asks again and again, until the session is refused for good. */
function probe(target, { session, trial, interval_ms }) {
  const { promise: begun, resolve: hasBegun } = Promise.withResolvers();
  const seen = new Seen(trial);
  const run = async () => {
    for (let refusals = 0; refusals < REFUSALS; ) {
      const sentAt = performance.now();
      if (sentAt > trial.ackAt + GIVE_UP_MS) throw new Error(`${target.name} does not refuse a revoked session`);
      const { verdict, age_ms } = await target.ask(session);
      const answeredAt = performance.now();
      seen.note(verdict, { sentAt, answeredAt, age_ms });
      if (verdict === "accepted") hasBegun();
      if (verdict === "refused") refusals++;
      await sleep(Math.max(sentAt + interval_ms - performance.now(), 0));
    }
    return seen.conclude();
  };
  return { begun, done: run() };
}
