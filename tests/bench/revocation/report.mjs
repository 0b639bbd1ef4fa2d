// What was seen, summed up and judged.
//
// "refused after" is when the first refusal was there, after the revocation was acknowledged, and after it was sent. An idle
// isolate is asked once in three seconds, so there it is mostly the wait for somebody to ask, and stands in brackets.
// "accepted until" is when the last request was sent that was let in, and holds for both. "late" counts where that was
// longer after the acknowledgement than the bound: that must never be. "again" counts requests that were let in after a
// refusal, and "known for" is the greatest age of what was known when a request was let in.
import { STATED } from "./profiles.mjs";

// What a busy machine and the probes may add to the bound.
const GRACE_MS = 200;

/** The circumstances, for whoever reads the numbers. `lag` is how late this process was itself. */
export function describe({ seed, lag }) {
  const ms = (nanoseconds) => nanoseconds / 1e6;
  return {
    seed,
    build: "debug",
    circumstances: [
      "the origin is a debug build, PostgreSQL runs without fsync; probes, caches, edges and servers share one machine",
      "workerd has no cache: for the cached profile one in Node stands between, which keeps answers as long as they allow",
      "better-auth runs with a cookie cache of 5 s: its default of 300 s is stated, not measured",
    ],
    probe_lag_ms: { p50: ms(lag.percentile(50)), p99: ms(lag.percentile(99)), max: ms(lag.max) },
    stated: STATED,
  };
}

/** The rows of a profile on a database: busy isolates, and idle ones if it has them. */
export function summarise({ profile, database, observed }) {
  const { acknowledged_ms, complaints } = observed;
  const shared = {
    database,
    profile: profile.name,
    asks: profile.asks,
    bound_ms: profile.bound_ms,
    acknowledged_ms: spread(acknowledged_ms),
    complaints,
  };
  return ["busy", "idle"]
    .filter((kind) => observed[kind].length > 0)
    .map((kind) => {
      const seen = observed[kind];
      const count = (wanted) => seen.filter(wanted).length;
      const sum = (key) => seen.reduce((total, one) => total + one[key], 0);
      const row = {
        ...shared,
        isolates: kind,
        revocations: acknowledged_ms.length,
        observations: seen.length,
        ...Object.fromEntries(SPREADS.map((key) => [key, spread(seen.map((one) => one[key]))])),
        accepted_late: count(({ accepted_until_ms }) => accepted_until_ms > profile.bound_ms),
        accepted_again: sum("accepted_again"),
        unavailable: sum("unavailable"),
        oldest_knowledge_ms: Math.max(...seen.map(({ oldest_knowledge_ms }) => oldest_knowledge_ms)),
      };
      return { ...row, verdict: judge(row, profile) };
    });
}

const SPREADS = ["refused_after_ack_ms", "refused_after_send_ms", "refusal_took_ms", "accepted_until_ms"];

/** Nobody asks an idle isolate as soon as it would refuse, so there it counts until when it would not. */
function judge(row, { bound_ms, isPeer }) {
  if (isPeer) return "";
  const { p99 } = row.isolates === "idle" ? row.accepted_until_ms : row.refused_after_ack_ms;
  const mistakes = row.accepted_late + row.accepted_again + row.unavailable + row.complaints.length;
  const isGood = mistakes === 0 && row.oldest_knowledge_ms <= bound_ms && p99 <= bound_ms + GRACE_MS;
  return isGood ? "met" : "missed";
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)];
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) };
}

const waited = (number, { isolates }) => (isolates === "idle" ? `(${whole(number)})` : whole(number));
const COLUMNS = [
  ["seen", 6, (row) => row.observations],
  ["bound", 7, (row) => row.bound_ms],
  ["refused after ack: p50", 24, (row) => waited(row.refused_after_ack_ms.p50, row)],
  ["p99", 8, (row) => waited(row.refused_after_ack_ms.p99, row)],
  ["max", 8, (row) => waited(row.refused_after_ack_ms.max, row)],
  ["after send: p99", 17, (row) => waited(row.refused_after_send_ms.p99, row)],
  ["accepted until: p99", 21, (row) => whole(row.accepted_until_ms.p99)],
  ["max", 7, (row) => whole(row.accepted_until_ms.max)],
  ["late", 6, (row) => row.accepted_late],
  ["again", 7, (row) => row.accepted_again],
  ["503", 5, (row) => row.unavailable],
  ["known for", 11, (row) => row.oldest_knowledge_ms || ""],
  ["", 8, (row) => row.verdict],
];

export function print({ rows, circumstances, probe_lag_ms, stated }) {
  const line = (name, cells) => name.padEnd(52) + cells.map((cell, at) => String(cell).padStart(COLUMNS[at][1])).join("");
  console.log(line("milliseconds", COLUMNS.map(([title]) => title)));
  for (const row of rows) {
    const name = `${row.profile}, ${row.isolates}, ${row.database}`;
    console.log(`${line(name, COLUMNS.map(([, , cell]) => cell(row)))}  asks ${row.asks}`);
  }
  console.log();
  for (const { name, bound_ms, source } of stated) {
    console.log(`not measured: ${name}: up to ${bound_ms / 1_000} s (${source})`);
  }
  for (const text of circumstances) console.log(text);
  console.log(`the probes were late by ${whole(probe_lag_ms.p50)} ms (p50), ${whole(probe_lag_ms.p99)} ms (p99)`);
  for (const { profile, isolates, complaints } of rows) {
    for (const complaint of complaints.slice(0, 5)) console.log(`${profile}, ${isolates}: ${complaint}`);
  }
}

function whole(number) {
  return Math.round(number);
}
