// Moments that are chosen at random, and the same in each run with the same seed.
import { createHash } from "node:crypto";

/** Answers a function that draws numbers from 0 up to, but not including, 1. */
export function seededRandom(seed) {
  let drawn = 0;
  return () => createHash("sha256").update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}
