// `make bench-edge`: what a request costs at the edge, in CPU time of workerd, beside a Worker that does nothing and
// those that check a session in the ways that are usual. Who and what is in edge/contenders.mjs.
//
// All Workers run in one workerd on one core, loaded in turns from another core, which is also the origin's and the
// application's. Ratios hold within a run; differences under 10 % are not resolved.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { CONTENDERS, SCENARIOS } from "./edge/contenders.mjs";
import { makePeerCookies, PEER_SECRETS } from "./edge/cookies.mjs";
import { measureMemory } from "./edge/memory.mjs";
import { measureRows, measureStarts } from "./edge/measure.mjs";
import { compare, forgedToGood, judge, lookUps, print } from "./edge/report.mjs";
import { openSite } from "./edge/sites.mjs";
import { measureSizes } from "./edge/sizes.mjs";
import { rowsOf, workersOf } from "./edge/subjects.mjs";
import { startUpstream } from "./edge/upstream.mjs";
import { loadOnce } from "./load.mjs";
import { makeFolder } from "../kit-js/leash.mjs";
import { startWorkerd } from "../kit-js/workerd.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 60);
const REQUESTS = Number(process.env.REQUESTS ?? 2_000);
const STARTS = Number(process.env.STARTS ?? 5);
const [WORKERD_CORE, OTHER_CORE] = [0, 1];
const root = resolve(import.meta.dirname, "../..");

// All threads of this process, and with them whatever it starts.
execFileSync("taskset", ["-acp", String(OTHER_CORE), String(process.pid)], { stdio: "ignore" });
await using parts = new AsyncDisposableStack();
await main();

async function main() {
  const folder = parts.use(makeFolder("sealgate-bench-")).path;
  const upstream = await startUpstream();
  parts.defer(upstream.stop);
  const sites = await openSites({ root, folder, upstream: upstream.address });
  const workers = workersOf(sites);
  const start = (some) => {
    const secrets = { ...PEER_SECRETS, UPSTREAM: upstream.address };
    return startWorkerd({ root, folder, workers: some, settings: null, secrets, cpu: WORKERD_CORE });
  };

  const workerd = await start(workers);
  parts.defer(workerd.stop);
  const rows = rowsOf(workerd.ports, sites, await makePeerCookies());
  await holdProxiesToTheSame(rows, upstream);
  const results = compare(await measureRows(rows, workerd.pid, { rounds: ROUNDS, requests: REQUESTS }));
  await workerd.stop();

  const startOne = (name) => start({ [name]: workers[name] });
  const toStart = rows.filter(({ scenario }) => scenario === SCENARIOS[0].name);
  report({
    rounds: ROUNDS,
    requests: REQUESTS,
    results,
    goals: judge(results),
    look_ups: lookUps(results),
    forged_to_good: forgedToGood(results),
    memory: await measureMemory(sites, start),
    sizes: measureSizes(workers, { root, folder }),
    starts: await measureStarts(toStart, startOne, { times: STARTS }),
  });
}

async function openSites(place) {
  const sites = {};
  for (const name of new Set(CONTENDERS.map(({ site }) => site).filter(Boolean))) {
    sites[name] = await openSite(name, place);
    parts.defer(sites[name].stop);
  }
  return sites;
}

/** Fails when the proxies do not tell the application the same things. */
async function holdProxiesToTheSame(rows, upstream) {
  const told = {};
  for (const row of rows.filter(({ by }) => by === "proxies")) {
    await loadOnce(row);
    told[row.name] = upstream.lastHeaders().join(" ");
  }
  if (new Set(Object.values(told)).size > 1) throw new Error(`the proxies differ: ${JSON.stringify(told, null, 2)}`);
}

function report(measured) {
  print(measured);
  mkdirSync(join(root, "target/bench"), { recursive: true });
  writeFileSync(join(root, "target/bench/edge.json"), `${JSON.stringify(measured, null, 2)}\n`);
}
