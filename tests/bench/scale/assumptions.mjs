// What the figures of docs/SCALE.md rest on. Times in seconds, sizes in bytes.

/** The ages from which an edge asks anew, as in edge/src/feed.rs. */
export const PROFILES = {
  direct: { name: "direct", soft: 0.5, hard: 1, cached: false },
  cached: { name: "cached", soft: 1.5, hard: 2.5, cached: true, straight: 60, counts: "rounded up" },
};

/** How the age of an answer out of a cache may be counted, from its `Age` or from the origin's time that is sealed into it. */
export const COUNTS = [
  ["as sent", "`Age`"],
  ["rounded up", "`Age` + 1 s"],
  ["sealed", "the origin's time in the document, compared with the edge's clock at the last direct head"],
];

/** Sizes of installation: isolates, and places (data centres) they are in. */
export const SIZES = [
  { isolates: 10, places: 5 },
  { isolates: 300, places: 50 },
  { isolates: 10_000, places: 300 },
];

export const TRAFFIC = {
  /** Requests a second to one isolate, on average; shared out by Zipf's law, and never more than `most` to one. */
  mean: 5,
  most: 200,
  /** How long an isolate lives, on average. Cloudflare publishes no figure. */
  life: 1200,
  /** From a place to the origin and back: every place has its own, between these. */
  nearest: 0.01,
  farthest: 0.25,
  /** From an isolate to its place's cache and back. */
  cache: 0.002,
};

export const FEED = {
  /** What a head weighs when nothing happened, and what each entry adds. */
  head: 90,
  entry: 20,
  /** A head tells of so long, and of no more entries than that. */
  window: 60,
  headEntries: 4096,
  /** How long an entry lives: an access token's 15 minutes and a margin. */
  life: 15 * 60 + 60,
  /** A snapshot is sealed in pieces of so many entries; each costs so much more. */
  piece: 1000,
  seal: 29,
  /** How often a newer snapshot comes to be. */
  snapshots: 30,
  /** What a place in the table in memory costs, and how full the table may get. */
  slot: 21,
  full: 7 / 8,
};

/** What a Worker's isolate may use, all told: https://developers.cloudflare.com/workers/platform/limits/ */
export const MEMORY = 128e6;

/** Sign-outs among a billion sessions: what happens, and how many a second that is. */
export const CHURN = [
  ["none", 0],
  ["0.1 % a day", 1e6 / 86_400],
  ["1 % a day", 1e7 / 86_400],
  ["a million an hour", 1e6 / 3600],
  ["10 % a day", 1e8 / 86_400],
];

/** Measured on PostgreSQL 18 with two million rows of the usual content; docs/SCALE.md tells how. Bytes a row. */
export const DATABASE = {
  session: 603,
  heap: 293,
  written: { mint: 856, refresh: 930, sweep: 176 },
  revocation: 160,
};

/** What a billion live sessions are taken to do. Seconds and days say so. */
export const SESSIONS = { live: 1e9, daysEach: 20, retentionDays: 30, refreshesADay: 0.4 };

/** Cloudflare's list prices in US dollars, as published in 2026; they change. */
export const PRICES = { request: 0.3e-6, objectRequest: 0.15e-6, gigabyteSecond: 12.5e-6 };
/** A Durable Object answers about so many requests a second, and is billed for so much memory. */
export const OBJECT = { requests: 1000, gigabytes: 0.128 };
export const MONTH = 30 * 86_400;
