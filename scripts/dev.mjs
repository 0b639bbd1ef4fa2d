// `make dev`: the origin, a demonstration application and the edge, on this machine. Says where to look when all three
// answer; stops all three on Ctrl-C, or when one of them stops.
//
// LOG=1 shows what the three say; otherwise only their errors are shown.
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { Children } from "./children.mjs";

process.chdir(join(import.meta.dirname, ".."));

const DATA = ".sealgate";
// The project's own Node, because wrangler needs a newer one than many systems have.
const NODE = "node_modules/.bin/node";
const PORTS = { edge: 8787, "demonstration application": 8788, "origin (public)": 8789, "origin (private)": 8790 };
// Cold starts on a slow machine take a quarter of this.
const PATIENCE_MS = 60_000;

const children = new Children({ verbose: Boolean(process.env.LOG), onDeath: fail });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

try {
  await portsAreFree();
  await build();
  await startOrigin();
  startApplication(await credentials());
  startEdge();
  await Promise.all([
    answers("the application", "http://127.0.0.1:8788/healthz"),
    // Through the edge to the application: so both work, and the edge has found its configuration.
    answers("the edge", `http://127.0.0.1:${PORTS.edge}/public`),
  ]);
  say(`ready: http://localhost:${PORTS.edge} (Ctrl-C stops everything)`);
} catch (error) {
  fail(error.message);
}

/** Another program on a port would answer in place of ours, which is puzzling; so it is named at the start. */
async function portsAreFree() {
  for (const [name, port] of Object.entries(PORTS)) {
    const free = await new Promise((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (!free) throw new Error(`port ${port} is in use, and the ${name} needs it. Is another \`make dev\` running?`);
  }
}

async function build() {
  await children.run("setup", "scripts/setup", [], { show: true });
  const begun = Date.now();
  say("building the edge and the origin (some minutes the first time)");
  const alive = setInterval(() => say(`still building … ${seconds(begun)} s`), 20_000);
  try {
    await Promise.all([
      children.run("edge", "scripts/build-edge"),
      children.run("origin", "cargo", ["build", "--package", "sealgate-origin"]),
    ]);
  } finally {
    clearInterval(alive);
  }
  say(`built in ${seconds(begun)} s`);
}

/** In development the origin makes what it needs: keys, the tenants, and credentials for the other two. */
async function startOrigin() {
  const binary = join(process.env.CARGO_TARGET_DIR ?? "target", "debug", "sealgate");
  children.start("origin", binary, ["serve", "--mode", "dev", "--data-dir", DATA]);
  await answers("the origin", "http://127.0.0.1:8789/readyz");
}

async function credentials() {
  const { edge_secret, service_token } = JSON.parse(await readFile(join(DATA, "dev.json"), "utf8"));
  // Both tenants are served by the one application.
  const upstream_secret = randomBytes(32).toString("base64url");
  const upstream_secrets = JSON.stringify({ demo: upstream_secret, other: upstream_secret });
  // wrangler reads its secrets from here, also when it is started by hand.
  const text = `SEALGATE_EDGE_SECRET=${edge_secret}\nSEALGATE_UPSTREAM_SECRETS='${upstream_secrets}'\n`;
  await writeFile(".dev.vars", text, { mode: 0o600 });
  await chmod(".dev.vars", 0o600); // the mode above is for a new file only
  return { SEALGATE_SERVICE_TOKEN: service_token, SEALGATE_UPSTREAM_SECRET: upstream_secret };
}

function startApplication(secrets) {
  children.start("application", NODE, ["demo/server.mjs"], secrets);
}

function startEdge() {
  children.start("edge", NODE, ["node_modules/wrangler/bin/wrangler.js", "dev"], {
    // No questions, no reports, no banner, and nothing written outside this repository.
    CI: "true",
    NO_COLOR: "1",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_REGISTRY_PATH: ".wrangler/registry",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  });
}

/** Waits until the address answers 200. */
async function answers(name, url) {
  const begun = Date.now();
  let last = "nothing";
  while (Date.now() - begun < PATIENCE_MS) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return;
      last = `${response.status}: ${(await response.text()).slice(0, 200)}`;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} does not answer at ${url}; the last answer was ${last}`);
}

/** What fails while we stop fails because we stop. */
function fail(reason) {
  if (children.stopping) return;
  console.error(`dev: ${reason}`);
  stop(1);
}

async function stop(code) {
  await children.stop();
  process.exit(code);
}

function say(text) {
  console.log(`dev: ${text}`);
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}
