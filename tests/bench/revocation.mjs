// `make bench-revocation`: how long after a revocation a session is still let in. The real API of a real origin on each
// database, and several real workerd, by the real clock. Beside it, what people use instead. What is measured of whom is in
// revocation/profiles.mjs; what the numbers mean, in revocation/report.mjs.
import { mkdirSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { join, resolve } from "node:path";

import { openEdge } from "./revocation/edge.mjs";
import { openPeer } from "./revocation/peer.mjs";
import { COOKIE_CACHE, PROFILES } from "./revocation/profiles.mjs";
import { seededRandom } from "./revocation/random.mjs";
import { describe, print, summarise } from "./revocation/report.mjs";
import { openDatabase } from "../kit-js/database.mjs";
import { runTrials } from "./revocation/trial.mjs";
import { makeFolder } from "../kit-js/leash.mjs";
import { startOrigin } from "../kit-js/origin.mjs";

const REVOCATIONS = Number(process.env.REVOCATIONS ?? 200);
const PEER_REVOCATIONS = Math.ceil(REVOCATIONS / 4);
const SEED = Number(process.env.SEED ?? 1);
const DATABASES = (process.env.DATABASES ?? "sqlite,postgres").split(",");
const root = resolve(import.meta.dirname, "../..");

await using parts = new AsyncDisposableStack();
await main();

async function main() {
  const { path: folder } = parts.use(makeFolder("sealgate-revocation-"));
  const lag = monitorEventLoopDelay({ resolution: 5 });
  lag.enable();
  const rows = [];
  for (const database of DATABASES) rows.push(...(await measureOn(database, folder)));
  rows.push(await measurePeer());
  lag.disable();
  report({ ...describe({ seed: SEED, lag }), rows });
}

/** All profiles, one after the other, on one origin. */
async function measureOn(database, folder) {
  const home = join(folder, database);
  mkdirSync(home);
  const { url, stop } = await openDatabase(database, home);
  const origin = await startOrigin(root, home, { databaseUrl: url });
  try {
    const rows = [];
    for (const profile of PROFILES) rows.push(...(await measureProfile(profile, { origin, folder: home, database })));
    return rows;
  } finally {
    await origin.stop();
    await stop();
  }
}

async function measureProfile(profile, { origin, folder, database }) {
  const [random, ofIdle] = ["busy", "idle"].map((kind) => seededRandom(`${SEED} ${database} ${profile.name} ${kind}`));
  const edge = await openEdge(profile, { root, folder, origin, random: ofIdle });
  try {
    const count = profile.isPeer ? PEER_REVOCATIONS : REVOCATIONS;
    return summarise({ profile, database, observed: await runTrials({ ...edge, ...profile, count, random }) });
  } finally {
    await edge.stop();
  }
}

async function measurePeer() {
  const peer = await openPeer(root, COOKIE_CACHE);
  try {
    const random = seededRandom(`${SEED} ${COOKIE_CACHE.name}`);
    const observed = await runTrials({ ...peer, ...COOKIE_CACHE, count: PEER_REVOCATIONS, random });
    return summarise({ profile: COOKIE_CACHE, database: "sqlite", observed })[0];
  } finally {
    await peer.stop();
  }
}

function report(measured) {
  print(measured);
  mkdirSync(join(root, "target/bench"), { recursive: true });
  writeFileSync(join(root, "target/bench/revocation.json"), `${JSON.stringify(measured, null, 2)}\n`);
  if (measured.rows.some(({ verdict }) => verdict === "missed")) process.exitCode = 1;
}
