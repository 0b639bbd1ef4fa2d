// `make bench-revocation`, the second part: as many verified requests as this machine can make for COUNT_SECONDS (120)
// through four workerd, and what the origin is asked meanwhile. At most two heads of the feed a second and process, and
// nothing else. Every request to the origin is counted on its way, by process, and again by the origin itself.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { browserRequest, HOST } from "./edge/request.mjs";
import { startUpstream } from "./edge/upstream.mjs";
import { load } from "./load.mjs";
import { countPrivate, openMeter } from "./revocation/meter.mjs";
import { makeFolder } from "../kit-js/leash.mjs";
import { secretsFor, settingsFor, startOrigin } from "../kit-js/origin.mjs";
import { startWorkerd } from "../kit-js/workerd.mjs";

const SECONDS = Number(process.env.COUNT_SECONDS ?? 120);
const PROCESSES = 4;
const SESSIONS = 8;
// Requests between two looks at the clock.
const BATCH = 500;
const HEADS_A_SECOND = 2;
const root = resolve(import.meta.dirname, "../..");

await using parts = new AsyncDisposableStack();
await main();

async function main() {
  const { path: folder } = parts.use(makeFolder("sealgate-count-"));
  const upstream = await startUpstream();
  parts.defer(upstream.stop);
  const origin = await startOrigin(root, folder);
  parts.defer(origin.stop);
  const cookies = [];
  for (let at = 0; at < SESSIONS; at++) cookies.push(`__Host-sg=${(await origin.mint()).token}`);
  const requests = cookies.map((cookie) => browserRequest({ cookie }));

  const edges = [];
  for (let at = 1; at <= PROCESSES; at++) edges.push(await startEdge(`edge ${at}`, { folder, origin, upstream }));
  // What a start takes is asked before the counting.
  for (const edge of edges) await load({ ...edge, request: requests[0] }, BATCH);
  const before = await countPrivate(origin);
  const start = performance.now();
  for (const { meter } of edges) meter.begin();
  const made = await Promise.all(edges.map((edge) => drive(edge, requests, start + SECONDS * 1_000)));
  const seconds = (performance.now() - start) / 1_000;
  for (const { meter } of edges) meter.end();
  const atOrigin = (await countPrivate(origin)) - before;
  const counted = edges.map(({ name, meter }, at) => sum(name, meter, made[at], seconds));
  report({ seconds, at_origin: atOrigin, edges: counted });
}

/** A process with one isolate, whose requests to the origin are counted. */
async function startEdge(name, { folder, origin, upstream }) {
  const meter = await openMeter(origin);
  parts.defer(meter.stop);
  const home = join(folder, name);
  mkdirSync(home);
  const workerd = await startWorkerd({
    root,
    folder: home,
    workers: { edge: "edge/entry.mjs" },
    settings: settingsFor({ ...origin, ...meter.addresses }, { host: HOST, upstream: upstream.address }),
    secrets: secretsFor(origin),
  });
  parts.defer(workerd.stop);
  return { name, meter, port: workerd.ports.edge, status: 200 };
}

async function drive(edge, requests, until) {
  let made = 0;
  for (let batch = 0; performance.now() < until; batch++) {
    made += await load({ ...edge, request: requests[batch % requests.length] }, BATCH);
  }
  return made;
}

function sum(name, meter, requests, seconds) {
  const asked = meter.asked();
  const heads = asked["feed head"] ?? 0;
  const others = Object.entries(asked).filter(([route]) => route !== "feed head");
  const rates = { heads_per_s: heads / seconds, most_in_a_second: meter.most() };
  return { name, requests, heads, ...rates, others: Object.fromEntries(others) };
}

function report({ seconds, at_origin, edges }) {
  const total = (number) => edges.reduce((sum, edge) => sum + number(edge), 0);
  const [requests, heads] = [total((edge) => edge.requests), total((edge) => edge.heads)];
  const complaints = edges.flatMap(({ name, heads, others }) => [
    // One more, at both ends of the time.
    ...(heads > HEADS_A_SECOND * seconds + 1 ? [`${name} read ${heads} heads in ${seconds.toFixed(1)} s`] : []),
    ...Object.entries(others).map(([route, count]) => `${name} asked for something else: ${route}, ${count} times`),
  ]);
  // A question may be under way at both ends.
  const counted = heads + total(({ others }) => Object.values(others).reduce((sum, count) => sum + count, 0));
  const isSame = Math.abs(counted - at_origin) <= PROCESSES;
  if (!isSame) complaints.push(`${counted} questions on the way, ${at_origin} at the origin`);
  const measured = { seconds, requests, requests_per_s: requests / seconds, heads, at_origin, edges, complaints };
  for (const { name, requests, heads, heads_per_s, most_in_a_second } of edges) {
    const rate = `${heads_per_s.toFixed(2)} a second, at most ${most_in_a_second} in one`;
    console.log(`${name}: ${requests} verified requests, ${heads} heads of the feed (${rate})`);
  }
  const rate = (requests / seconds).toFixed(0);
  console.log(`together: ${requests} in ${seconds.toFixed(1)} s, ${rate} a second; the origin was asked ${at_origin} times`);
  for (const complaint of complaints) console.error(`count: ${complaint}`);
  mkdirSync(join(root, "target/bench"), { recursive: true });
  writeFileSync(join(root, "target/bench/revocation-count.json"), `${JSON.stringify(measured, null, 2)}\n`);
  process.exitCode = complaints.length ? 1 : 0;
}
