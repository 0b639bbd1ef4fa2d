// `make dev`: an OpenID provider, the origin, a demonstration application and the edge, on this machine. Says where to
// look when all four answer; stops all four on Ctrl-C, or when one of them stops.
//
// LOG=1 shows what the four say; otherwise only their errors are shown.
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { Children } from "./children.mjs";

process.chdir(join(import.meta.dirname, ".."));

const DATA = ".sealgate";
// The project's own Node, because wrangler needs a newer one than many systems have.
const NODE = "node_modules/.bin/node";
const PORTS = {
  edge: 8787,
  "demonstration application": 8788,
  "origin (public)": 8789,
  "origin (private)": 8790,
  "OpenID provider": 8791,
};
// Who may sign in at the provider: the tenants of wrangler.toml, and where each is served.
const SITES = { demo: ["localhost", "127.0.0.1"], other: ["other.localhost"] };
const PROVIDER = "example";
// Cold starts on a slow machine take a quarter of this.
const PATIENCE_MS = 60_000;

const children = new Children({ verbose: Boolean(process.env.LOG), onDeath: fail });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

try {
  await portsAreFree();
  await build();
  const clients = makeClients();
  startProvider(clients);
  await startOrigin(clients);
  startApplication(await credentials());
  startEdge();
  await Promise.all([
    answers("the provider", `http://127.0.0.1:${PORTS["OpenID provider"]}/.well-known/openid-configuration`),
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

/** Each tenant is a client of the provider, under a secret that is new each time. */
function makeClients() {
  return Object.entries(SITES).map(([tenant, hosts]) => ({
    client_id: `sealgate-${tenant}`,
    client_secret: randomBytes(32).toString("base64url"),
    client_name: tenant,
    redirect_uris: hosts.map((host) => `http://${host}:${PORTS.edge}/auth/oidc/${PROVIDER}/callback`),
    backchannel_logout_uri: `http://${hosts[0]}:${PORTS.edge}/auth/oidc/${PROVIDER}/backchannel-logout`,
    backchannel_logout_session_required: true,
  }));
}

function startProvider(clients) {
  const environment = { PROVIDER_PORT: String(PORTS["OpenID provider"]), PROVIDER_CLIENTS: JSON.stringify(clients) };
  children.start("provider", NODE, ["demo/provider.mjs"], environment);
}

/** In development the origin makes what it needs: keys, the tenants, and credentials for the other two. */
async function startOrigin(clients) {
  const binary = join(process.env.CARGO_TARGET_DIR ?? "target", "debug", "sealgate");
  await mkdir(DATA, { recursive: true, mode: 0o700 });
  const file = join(DATA, "dev.toml");
  await writeFile(file, Object.keys(SITES).map(describeProvider).join("\n"));
  const secrets = clients.map((client, i) => [secretOf(Object.keys(SITES)[i]), client.client_secret]);
  children.start(
    "origin",
    binary,
    ["serve", "--mode", "dev", "--data-dir", DATA, "--config", file],
    Object.fromEntries(secrets),
  );
  await answers("the origin", "http://127.0.0.1:8789/readyz");
}

function describeProvider(tenant) {
  return `[[oidc]]
tenant = "${tenant}"
id = "${PROVIDER}"
name = "Example Login"
issuer = "http://127.0.0.1:${PORTS["OpenID provider"]}"
client_id = "sealgate-${tenant}"
client_secret_env = "${secretOf(tenant)}"
`;
}

/** The name under which a secret is in the origin's environment. */
function secretOf(tenant) {
  return `DEV_PROVIDER_SECRET_OF_${tenant.toUpperCase()}`;
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
