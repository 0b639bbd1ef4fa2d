// The edges of one profile before one origin: busy processes with one isolate each, and idle ones with many.
import { Agent, get } from "node:http";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { startApplication } from "./application.mjs";
import { startCache } from "./cache.mjs";
import { keepIdle } from "./idle.mjs";
import { ISOLATES_PER_IDLE } from "./profiles.mjs";
import { secretsFor, settingsFor } from "../../kit-js/origin.mjs";
import { startWorkerd } from "../../kit-js/workerd.mjs";

const HOST = "demo.test";
const MAIN = "edge/entry.mjs";

/** Starts them. Answers whom to ask, and how to mint and revoke. */
export async function openEdge(profile, { root, folder, origin, random }) {
  await using parts = new AsyncDisposableStack();
  const application = await startApplication();
  parts.defer(application.stop);
  const cache = profile.isCached && (await startCache(origin.private));
  if (cache) parts.defer(cache.stop);
  const settings = configure(profile, { origin, application, cache });
  const agent = new Agent({ keepAlive: true });
  parts.defer(() => agent.destroy());

  const start = async (name, isolates) => {
    const home = join(folder, `${profile.name} ${name}`.replaceAll(/\W+/g, "-"));
    mkdirSync(home);
    const workers = Object.fromEntries(Array.from({ length: isolates }, (_, at) => [`w${at}`, MAIN]));
    const workerd = await startWorkerd({ root, folder: home, workers, settings, secrets: secretsFor(origin) });
    parts.defer(workerd.stop);
    return Object.values(workerd.ports).map((port) => ({ name, ask: (session) => ask(port, session, agent) }));
  };
  const [busy, idle] = [[], []];
  for (let at = 0; at < profile.busy_processes; at++) busy.push(...(await start(`busy ${at + 1}`, 1)));
  for (let at = 0; at < profile.idle_processes; at++) idle.push(await start(`idle ${at + 1}`, ISOLATES_PER_IDLE));
  const idling = await keepIdle(idle, { mint: origin.mint, random });
  parts.defer(idling.stop);

  const running = parts.move();
  return {
    busy,
    idling,
    mint: origin.mint,
    revoke: (session) => revoke(origin, session),
    stop: () => running.disposeAsync(),
  };
}

function configure({ settings, rule }, { origin, application, cache }) {
  const base = settingsFor(origin, { host: HOST, upstream: application.address });
  const [tenant] = base.tenants;
  const routes = [{ path: "/", policy: "session", ...rule }];
  return { ...base, ...(cache && { origin_private: cache.address }), ...settings, tenants: [{ ...tenant, routes }] };
}

async function revoke(origin, { id }) {
  const { status } = await origin.ask("DELETE", `/v1/sessions/${id}`);
  if (status !== 200) throw new Error(`revoking answered ${status}`);
}

/** Asks one edge for a page. Yields whether it let the session in, and on knowledge of what age. */
function ask(port, { token }, agent) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const headers = { host: HOST, accept: "application/json", cookie: `__Host-sg=${token}` };
  get({ port, path: "/", headers, agent }, (answer) => {
    const age = answer.headers["x-sealgate-revocation-age-ms"];
    const verdict = { 200: "accepted", 401: "refused" }[answer.statusCode] ?? "unavailable";
    answer.resume().on("end", () => resolve({ verdict, age_ms: age ? Number(age) : undefined })).on("error", reject);
  }).on("error", reject);
  return promise;
}
