// Isolates that are asked for something once in three seconds, and for nothing else. What they are asked for is a session
// that was revoked since the last time, if there is one, and otherwise one that is live and must be let in.
import { setTimeout as sleep } from "node:timers/promises";

import { IDLE_EVERY_MS } from "./profiles.mjs";

/**
 * Begins to ask the isolates of these processes, each at a moment of its own, and answers once all were asked. Then
 * `assign` gives a revocation to one isolate of each process, which is asked for its session from then on until it refuses.
 */
export async function keepIdle(processes, { mint, random }) {
  if (processes.length === 0) return { assign: () => [], stop: () => {}, complaints: [] };
  const live = await mint();
  const complaints = [];
  let isOver = false;

  const visit = async (isolate) => {
    const { given } = isolate;
    const isRevoked = given && performance.now() >= given.trial.ackAt;
    const sentAt = performance.now();
    const { verdict, age_ms } = await isolate.ask(isRevoked ? given.session : live);
    const answeredAt = performance.now();
    if (!isRevoked) {
      if (verdict !== "accepted") complaints.push(`a live session was ${verdict} by an idle isolate`);
      return;
    }
    given.seen.note(verdict, { sentAt, answeredAt, age_ms });
    if (verdict !== "refused") return;
    isolate.given = undefined;
    given.done();
  };
  const keepVisiting = async (isolate, offset, first) => {
    await sleep(offset);
    for (let due = performance.now(); !isOver; due += IDLE_EVERY_MS) {
      await sleep(Math.max(due - performance.now(), 0));
      try {
        if (!isOver) await visit(isolate);
      } catch (error) {
        if (!isOver) complaints.push(`an idle isolate: ${error.message}`);
      }
      first();
    }
  };
  const firsts = processes.flat().map((isolate) => {
    const { promise, resolve } = Promise.withResolvers();
    keepVisiting(isolate, random() * IDLE_EVERY_MS, resolve);
    return promise;
  });
  await Promise.all(firsts);

  return {
    complaints,
    /** Yields when the isolates have refused. One process sits out while all of its isolates are taken. */
    assign(trial, session, note) {
      return processes.flatMap((isolates) => {
        const free = isolates.filter(({ given }) => !given);
        if (free.length === 0) return [];
        const isolate = free[Math.floor(random() * free.length)];
        const { promise, resolve } = Promise.withResolvers();
        isolate.given = { trial, session, seen: note(), done: resolve };
        return [promise];
      });
    },
    stop: () => (isOver = true),
  };
}
