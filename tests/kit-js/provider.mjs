// A real OpenID provider: the demonstration's, as a process that can be stopped and started again.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { endProcess, startProcess } from "./leash.mjs";

export const CLIENT_ID = "sealgate";
export const CLIENT_SECRET = "a secret of the provider and the origin";

/** Starts it on a port of the system's choosing, for the site at that address, where its name is `id`. */
export async function startProvider(root, { site, id }) {
  const clients = JSON.stringify([clientOf(site, id)]);
  let key = makeKey();
  const start = async (port) => {
    const child = startProcess(process.execPath, [join(root, "demo/provider.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PROVIDER_PORT: String(port), PROVIDER_CLIENTS: clients, PROVIDER_KEY: key },
    });
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the provider did not start")));
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
    ended.catch(() => {});
    return { child, issuer: line.slice("provider: ".length) };
  };
  let { child, issuer } = await start(0);
  return {
    issuer,
    /** What the origin has to be told of it. */
    registration: { id, name: "Example Login", issuer, client_id: CLIENT_ID, client_secret: CLIENT_SECRET },
    /** Signs with a new key from now on, and publishes that one alone. */
    async rotateKeys() {
      key = makeKey();
      const answer = await fetch(`${issuer}/rotate-keys`, { method: "POST", body: key });
      if (!answer.ok) throw new Error(`rotating keys answered ${answer.status}`);
    },
    stop: () => endProcess(child),
    /** At the same address, with its key and without anything else that it knew. */
    async startAgain() {
      ({ child } = await start(new URL(issuer).port));
    },
  };
}

/** Ours to keep, since it is the same when the provider is started again. */
function makeKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return JSON.stringify({ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomUUID() });
}

/** How a site is registered. */
export function clientOf(site, id, redirects = [site]) {
  return {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    client_name: "sealgate",
    redirect_uris: redirects.map((address) => `${address}/auth/oidc/${id}/callback`),
    backchannel_logout_uri: `${site}/auth/oidc/${id}/backchannel-logout`,
    backchannel_logout_session_required: true,
  };
}
