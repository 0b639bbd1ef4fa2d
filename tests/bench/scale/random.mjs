// Chance that can be repeated: the same seed gives the same figures on every machine.

/** A generator (mulberry32) of numbers from 0, included, to 1, not. */
export function seeded(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    /** A number between two others, each as likely. */
    between: (low, high) => low + (high - low) * uniform(),
    /** The time to the next of events that come `rate` times a second, whatever came before. */
    next: (rate) => -Math.log(1 - uniform()) / rate,
  };
}

/** What falls to each of `count` by Zipf's law: the second gets half of what the first gets, the third a third. Adds up to 1. */
export function zipf(count) {
  const shares = Array.from({ length: count }, (_, rank) => 1 / (rank + 1));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** The value below which `part` of the values lie. */
export function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
