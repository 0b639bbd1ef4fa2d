// The whole system for a browser: the real origin on a database of its own, the real Worker in workerd, the
// demonstration application behind it, a real OpenID provider if that is wanted, and another site that wishes us ill.
import { once } from "node:events";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { openDatabase } from "../../kit-js/database.mjs";
import { endProcess, makeFolder, startProcess } from "../../kit-js/leash.mjs";
import { startOrigin } from "../../kit-js/origin.mjs";
import { startProvider } from "../../kit-js/provider.mjs";
import { openRelay } from "../../kit-js/relay.mjs";
import { startWorkerd } from "../../kit-js/workerd.mjs";

export const root = resolve(import.meta.dirname, "../../..");

// What the application checks assertions with.
const UPSTREAM_SECRET = Buffer.alloc(32, "upstream").toString("base64url");

/** The name under which the tenant `demo` knows the provider. */
export const PROVIDER = "example";

/**
 * Starts all of it; on failure nothing stays. `database` is sqlite or postgres. With `provider` people may sign in at one;
 * `/safe` wants a sign-in of the last `freshFor` seconds.
 */
export async function startStack({ database = "sqlite", provider: wanted = false, freshFor = 60 } = {}) {
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(makeFolder("sealgate-browser-")).path;

  const front = await openRelay();
  parts.defer(front.stop);
  const seen = [];
  const behind = await openRelay({ onRequest: (text) => seen.push(text) });
  parts.defer(behind.stop);
  const elsewhere = await startElsewhere();
  parts.defer(elsewhere.stop);

  const { url: databaseUrl, stop: closeDatabase } = await openDatabase(database, folder);
  parts.defer(closeDatabase);
  const site = (host = "localhost") => `http://${host}:${front.port}`;
  const provider = wanted ? await startProvider(root, { site: site(), id: PROVIDER }) : undefined;
  if (provider) parts.defer(provider.stop);
  const origin = await startOrigin(root, folder, { databaseUrl, provider: provider?.registration });
  parts.defer(origin.stop);
  const demo = await startDemonstration(front.port, origin);
  parts.defer(demo.stop);
  behind.leadTo(demo.port);
  const workerd = await startWorkerd({
    root,
    folder,
    workers: { edge: "edge/entry.mjs" },
    settings: settingsFor(origin, front.port, behind.port, freshFor),
    secrets: {
      SEALGATE_EDGE_SECRET: origin.edgeSecret,
      SEALGATE_UPSTREAM_SECRETS: JSON.stringify({ demo: UPSTREAM_SECRET, other: UPSTREAM_SECRET }),
    },
  });
  parts.defer(workerd.stop);
  front.leadTo(workerd.ports.edge);

  const running = parts.move();
  return {
    /** The site's address under a host name; `localhost` is the usual one. */
    site,
    provider,
    elsewhere,
    origin,
    /** Holds up what comes back to the browser: see `openRelay`. */
    holdUp: front.holdUp,
    /** The application's own address, past the edge. */
    sideDoor: `http://127.0.0.1:${demo.port}`,
    /** How many requests with this method and path have reached the application. */
    reached: (method, path) => seen.join("").split(`${method} ${path} HTTP/1.1\r\n`).length - 1,
    stop: () => running.disposeAsync(),
  };
}

function settingsFor(origin, port, upstreamPort, freshFor) {
  const tenant = (id, hosts) => ({
    id,
    hosts: hosts.map((host) => `${host}:${port}`),
    upstream: `http://127.0.0.1:${upstreamPort}`,
    sign_in: "/auth/login",
    routes: [
      { path: "/", policy: "session" },
      { path: "/public", policy: "public" },
      { path: "/safe", policy: "fresh", max_age: freshFor },
    ],
  });
  return {
    edge: "dev",
    origin_public: origin.public,
    origin_private: origin.private,
    tenants: [tenant("demo", ["localhost", "app.localhost"]), tenant("other", ["other.localhost"])],
  };
}

async function startDemonstration(edgePort, origin) {
  const child = startProcess(process.execPath, [join(root, "demo/server.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      DEMO_PORT: "0",
      DEMO_EDGE: `http://127.0.0.1:${edgePort}`,
      DEMO_EDGE_HOST: `localhost:${edgePort}`,
      DEMO_ORIGIN: origin.private,
      SEALGATE_SERVICE_TOKEN: origin.serviceToken,
      SEALGATE_UPSTREAM_SECRET: UPSTREAM_SECRET,
    },
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { port: new URL(line.slice("demo: ".length)).port, stop: () => endProcess(child) };
}

/** A server that has an empty page at every path, and remembers who came. */
async function startElsewhere() {
  const visits = [];
  const server = createServer((request, response) => {
    // Browsers ask for this one by themselves.
    if (request.url !== "/favicon.ico") visits.push(`${request.method} ${request.url}`);
    response.setHeader("content-type", "text/html").end("<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    port,
    visits,
    at: (host) => `http://${host}:${port}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
