// A real origin on a database of its own, which mints the session and answers the edge.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { endProcess, startProcess } from "./leash.mjs";

const PROVIDER_SECRET = "PROVIDER_SECRET";

/**
 * Starts it in `folder`, on ports of the system's choosing, with a database in there, or at the address `databaseUrl`. `build`
 * is debug or release; `provider` is what the tenant `demo` is told of one.
 */
export async function startOrigin(root, folder, { accessLifetime = "1h", databaseUrl, build = "debug", provider } = {}) {
  const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), `${build}/sealgate`);
  const free = "127.0.0.1:0";
  const shared = ["--mode", "dev", "--data-dir", folder];
  if (databaseUrl) shared.push("--database-url", databaseUrl);
  if (provider) shared.push("--config", describeProvider(folder, provider));
  const env = { ...process.env, [PROVIDER_SECRET]: provider?.client_secret };
  const options = ["--listen-public", free, "--listen-private", free, "--access-lifetime", accessLifetime];
  const child = startProcess(binary, ["serve", ...shared, ...options], { env, stdio: ["ignore", "ignore", "pipe"] });
  const { publicAddress, privateAddress } = await readAddresses(child);
  const secrets = JSON.parse(readFileSync(join(folder, "dev.json"), "utf8"));
  const ask = (method, path, body) =>
    fetch(`${privateAddress}${path}`, {
      method,
      headers: { authorization: `Bearer ${secrets.service_token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
  return {
    pid: child.pid,
    public: publicAddress,
    private: privateAddress,
    edgeSecret: secrets.edge_secret,
    serviceToken: secrets.service_token,
    stop: () => endProcess(child),
    ask,
    /** Runs a command on the same installation, with this input. */
    command: (words, input) => execFileSync(binary, [...words, ...shared], { env, input, encoding: "utf8" }),
    /** Mints a session; answers its id and its access token. */
    async mint() {
      const actor = { tenant: "demo", actor_type: "user", actor_id: randomUUID() };
      const response = await ask("POST", "/v1/sessions", actor);
      if (response.status !== 201) throw new Error(`minting answered ${response.status}`);
      const { session, set_cookie } = await response.json();
      return { id: session.id, token: set_cookie[0].match(/^__Host-sg=([^;]*)/)[1] };
    },
  };
}

/** Writes the provider into a file of settings, all but its secret. */
function describeProvider(folder, { client_secret, ...settings }) {
  const told = { tenant: "demo", ...settings, client_secret_env: PROVIDER_SECRET };
  const lines = Object.entries(told).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const file = join(folder, "settings.toml");
  writeFileSync(file, `[[oidc]]\n${lines.join("\n")}\n`);
  return file;
}

/** The edge's secrets for one site, whose application is told who asks in a way that it can check. */
export function secretsFor(origin) {
  const upstream = Buffer.alloc(32, "upstream").toString("base64url");
  return { SEALGATE_EDGE_SECRET: origin.edgeSecret, SEALGATE_UPSTREAM_SECRETS: JSON.stringify({ demo: upstream }) };
}

/** The edge's settings for one site. */
export function settingsFor(origin, { host, upstream }) {
  return {
    edge: "dev",
    origin_public: origin.public,
    origin_private: origin.private,
    tenants: [{ id: "demo", hosts: [host], upstream, routes: [{ path: "/public", policy: "public" }] }],
  };
}

async function readAddresses(child) {
  let last = "nothing";
  for await (const line of createInterface({ input: child.stderr })) {
    const found = line.match(/public=(\S+) private=(\S+)/);
    if (found) {
      child.stderr.resume();
      return { publicAddress: `http://${found[1]}`, privateAddress: `http://${found[2]}` };
    }
    last = line;
  }
  throw new Error(`the origin did not start: ${last}`);
}
