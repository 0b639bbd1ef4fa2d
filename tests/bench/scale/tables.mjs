// The tables of docs/SCALE.md, each by its name there.

import { CHURN, COUNTS, DATABASE, FEED, MEMORY, MONTH, OBJECT, PRICES, PROFILES, SESSIONS, SIZES } from "./assumptions.mjs";
import { bytes, dollars, number, percent, seconds, table } from "./format.mjs";
import { quantile } from "./random.mjs";
import { simulate } from "./simulate.mjs";

const PROFILE_LIST = Object.values(PROFILES);
/** What happens while isolates are watched, and what their snapshots then weigh: 1 % of all sessions a day. */
const [, SIGN_OUTS] = CHURN[2];

/** As long as needed for figures that stay, and no longer. */
const duration = (size) => ({ 10: 3600, 300: 300, 10_000: 30 })[size.isolates];
const runs = new Map();
function run(size, profile, probes = 0) {
  const key = JSON.stringify([size, profile, probes]);
  if (!runs.has(key)) {
    const length = probes > 0 ? duration(size) / 12 : duration(size);
    runs.set(key, { ...simulate({ ...size, profile, probes, revocations: SIGN_OUTS, seed: 1, seconds: length }), length });
  }
  return runs.get(key);
}
const headsASecond = (size, profile) => run(size, profile).heads / run(size, profile).length;
const everySizeAndProfile = (row) => SIZES.flatMap((size) => PROFILE_LIST.map((profile) => row(size, profile)));

function load() {
  const rows = everySizeAndProfile((size, profile) => {
    const { requests, heads, direct, colds, waits, length } = run(size, profile);
    const most = profile.cached ? size.places + size.isolates / profile.straight : size.isolates / profile.soft;
    return [
      number(size.isolates), number(size.places), profile.name, number(requests / length), number(heads / length),
      number(direct / length), number(most), percent(waits / requests), number(colds / length),
    ];
  });
  return table(
    ["isolates", "places", "profile", "requests/s", "heads/s", "of them direct", "at most", "requests that wait", "cold starts/s"],
    rows,
  );
}

/** Which requests wait: those that come to an isolate that sees few. */
function waiting() {
  const rates = [0.1, 0.5, 1, 2, 5, 10];
  const share = (profile) => (rate) => {
    const { waits, requests } = simulate({ ...SIZES[1], profile, rate, seed: 1, seconds: 60 });
    return percent(waits / requests);
  };
  return table(
    ["requests/s to one isolate", ...rates.map(String)],
    PROFILE_LIST.map((profile) => [profile.name, ...rates.map(share(profile))]),
  );
}

function delay() {
  const rows = everySizeAndProfile((size, profile) => {
    const { delays } = run(size, profile, 20);
    return [number(size.isolates), profile.name, ...[0.5, 0.99, 1].map((part) => seconds(quantile(delays, part)))];
  });
  return table(["isolates", "profile", "half within", "99 % within", "longest"], rows);
}

function age() {
  const rows = COUNTS.map(([counts, words]) => {
    const { oldest } = run(SIZES[1], { ...PROFILES.cached, counts });
    return [words, seconds(oldest)];
  });
  return table(["counted by", "oldest set that decided"], rows);
}

const live = (rate) => rate * FEED.life;
const sealed = (entries) => FEED.head + entries * FEED.entry + Math.ceil(entries / FEED.piece) * FEED.seal;
const head = (rate) => FEED.head + FEED.entry * Math.min(FEED.headEntries, rate * FEED.window);
function memory(entries) {
  if (entries === 0) return 0;
  return FEED.slot * 2 ** Math.ceil(Math.log2(entries / FEED.full));
}

function churn() {
  const rows = CHURN.map(([words, rate]) => {
    const entries = live(rate);
    const grown = 1.5 * memory(entries) + 2 * sealed(entries);
    return [words, number(rate), number(entries), bytes(head(rate)), bytes(sealed(entries)), bytes(memory(entries)), percent(grown / MEMORY)];
  });
  return table(["sign-outs", "a second", "live entries", "head", "snapshot", "set in memory", "of 128 MB, while it grows"], rows);
}

function traffic() {
  const of = (size, profile) => (rate) => bytes(headsASecond(size, profile) * head(rate)) + "/s";
  const columns = everySizeAndProfile((size, profile) => [`${number(size.isolates)} ${profile.name}`, of(size, profile)]);
  const large = SIZES[2];
  const cut = (rate) =>
    bytes(headsASecond(large, PROFILES.direct) * FEED.head + large.isolates * Math.min(rate, FEED.headEntries) * FEED.entry) + "/s";
  columns.push([`${number(large.isolates)} direct, heads cut`, cut]);
  return table(
    ["sign-outs", ...columns.map(([words]) => words)],
    CHURN.map(([words, rate]) => [words, ...columns.map(([, cell]) => cell(rate))]),
  );
}

function snapshots() {
  const weight = sealed(live(SIGN_OUTS));
  const rows = everySizeAndProfile((size, profile) => {
    const { snapshots, length } = run(size, profile);
    const once = profile.cached ? size.places : size.isolates;
    return [
      number(size.isolates), profile.name, number(snapshots / length), bytes((snapshots / length) * weight) + "/s",
      bytes(once * weight),
    ];
  });
  return table(["isolates", "profile", "loads/s", "bytes", "all isolates anew (a deployment)"], rows);
}

function database() {
  const { live: rows, daysEach, retentionDays, refreshesADay } = SESSIONS;
  const ending = rows / daysEach;
  const refreshes = rows * refreshesADay;
  const kept = rows + ending * retentionDays;
  const a = (each) => number(each / 86_400) + "/s";
  const log = (each, weight) => bytes((each / 86_400) * weight) + "/s";
  const out = CHURN[2][1] * (FEED.life + 86_400);
  return table(["", "rows", "size, or written to the log"], [
    ["live sessions", number(rows), bytes(rows * DATABASE.session)],
    [`ended, kept ${retentionDays} days`, number(kept - rows), bytes((kept - rows) * DATABASE.session)],
    ["revocations at 1 % a day, kept a day", number(out), bytes(out * DATABASE.revocation)],
    [`minted (a session lasts ${daysEach} days)`, a(ending), log(ending, DATABASE.written.mint)],
    [`refreshed (${refreshesADay} times a day each)`, a(refreshes), log(refreshes, DATABASE.written.refresh)],
    ["swept", a(ending), log(ending, DATABASE.written.sweep)],
  ]);
}

function push() {
  const rows = SIZES.map((size) => {
    const { requests, length } = run(size, PROFILES.direct);
    const heads = headsASecond(size, PROFILES.direct);
    const asked = requests / length;
    const objects = (rate) => Math.max(1, Math.ceil(rate / OBJECT.requests));
    const cost = (rate) =>
      dollars(MONTH * (rate * PRICES.objectRequest + objects(rate) * OBJECT.gigabytes * PRICES.gigabyteSecond));
    return [
      number(size.isolates), dollars(MONTH * asked * PRICES.request), `${objects(heads)}: ${cost(heads)}`, `${objects(asked)}: ${cost(asked)}`,
    ];
  });
  return table(["isolates", "the requests themselves", "objects that hold the set, polled: number, cost", "objects that decide: number, cost"], rows);
}

export const TABLES = { load, waiting, delay, age, churn, traffic, snapshots, database, push };
