// better-auth with its cookie cache, over HTTP, by its own API: a browser that keeps the cookies it is given, and somebody
// who ends that session from another one.
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { endProcess, startProcess } from "../../kit-js/leash.mjs";

// Who may send it requests that change something: its own address as it is configured.
const ITSELF = "http://localhost";

/** Starts it. Answers the same as our edges. */
export async function openPeer(root, { max_age_s }) {
  const server = join(root, "tests/bench/peers/cached-sessions.mjs");
  const child = startProcess(process.execPath, ["--disable-warning=ExperimentalWarning", server, String(max_age_s)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { address } = JSON.parse(line);

  const ask = async ({ jar }) => {
    const response = await fetch(`${address}/auth/get-session`, { headers: { cookie: write(jar) } });
    const isAccepted = (await response.json()) !== null;
    if (isAccepted) keepCookies(jar, response);
    const verdict = response.status !== 200 ? "unavailable" : isAccepted ? "accepted" : "refused";
    return { verdict };
  };
  return {
    busy: [{ name: "better-auth", ask }],
    async mint() {
      const { cookie, token, other } = await (await fetch(`${address}/create`)).json();
      const [name, value] = cookie.split("=", 2);
      return { jar: new Map([[name, value]]), token, other };
    },
    async revoke({ token, other }) {
      const headers = { cookie: other, origin: ITSELF, "content-type": "application/json" };
      const body = JSON.stringify({ token });
      const response = await fetch(`${address}/auth/revoke-session`, { method: "POST", headers, body });
      if (!response.ok) throw new Error(`revoking answered ${response.status} ${await response.text()}`);
    },
    stop: () => endProcess(child),
  };
}

function write(jar) {
  return Array.from(jar, (pair) => pair.join("=")).join("; ");
}

function keepCookies(jar, response) {
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = line.match(/^([^=]*)=([^;]*)/);
    jar.set(name, value);
  }
}
