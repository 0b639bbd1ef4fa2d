// How much memory the module in WebAssembly takes, which never shrinks again: of a door that was just made, of one that has
// read all there is of the feed, and of the same after some heads more.
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { MEMORY } from "./contenders.mjs";
import { HOST } from "./request.mjs";

const HEADS = 5;
// After this long nothing that is held decides.
const HEAD_MS = 1_100;

/** For each site, in a workerd of its own. */
export async function measureMemory(sites, start) {
  const rows = [];
  for (const [name, { settings, secrets, cookies }] of Object.entries(sites)) {
    const workerd = await start({ memory: { main: MEMORY.main, settings, secrets } });
    try {
      rows.push({ name, ...(await measure(workerd.ports.memory, cookies.good)) });
    } finally {
      await workerd.stop();
    }
  }
  return rows;
}

async function measure(port, cookie) {
  const first = await ask(port, cookie);
  let later = first;
  for (let head = 0; head < HEADS; head++) {
    await sleep(HEAD_MS);
    later = await ask(port, cookie);
  }
  return { at_first_mb: first.before / 1e6, with_feed_mb: first.after / 1e6, later_mb: later.after / 1e6 };
}

function ask(port, cookie) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const headers = { host: HOST, cookie };
  get({ port, path: "/orders?page=2", headers }, async (answer) => {
    const body = await text(answer);
    if (answer.statusCode !== 200) return reject(new Error(`the memory's door answered ${answer.statusCode} ${body}`));
    resolve(JSON.parse(body));
  }).on("error", reject);
  return promise;
}
