// The origins behind our doors, each with a past of its own.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { secretsFor, settingsFor, startOrigin } from "../../kit-js/origin.mjs";
import { bendMac } from "./cookies.mjs";
import { PASTS } from "./pasts.mjs";
import { HOST } from "./request.mjs";

/** Starts a site's origin and makes its past. Answers what its door is configured with, and the cookies of a session. */
export async function openSite(name, { root, folder, upstream }) {
  const home = join(folder, name);
  mkdirSync(home);
  // Not a debug build: making the snapshot of a hundred thousand revocations would take that one longer than doors wait.
  const origin = await PASTS[name](() => startOrigin(root, home, { build: "release" }), home);
  const settings = settingsFor(origin, { host: HOST, upstream });
  return { settings, secrets: secretsFor(origin), cookies: await cookiesOf(origin), stop: origin.stop };
}

async function cookiesOf(origin) {
  const { token } = await origin.mint();
  const { expired } = await (await origin.ask("GET", "/v1/dev/samples?tenant=demo")).json();
  const cookie = (value) => `__Host-sg=${value}`;
  return { good: cookie(token), forged: cookie(bendMac(token)), expired: cookie(expired) };
}
