// `make soak`: good, bad and slow clients at once, for SOAK_SECONDS (600), through the real Worker to the real origin and
// an application. Fails when an answer is not the one that its request deserves, when anything is answered 5xx, or when
// workerd or the origin keep growing.
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { resolve } from "node:path";

import { makeFolder } from "../kit-js/leash.mjs";
import { secretsFor, settingsFor, startOrigin } from "../kit-js/origin.mjs";
import { residentMegabytes, startWorkerd } from "../kit-js/workerd.mjs";

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600);
const HOST = "demo.test";
const BIG = Buffer.alloc(1 << 20, "x");
// A session may be let in for so long after its revocation was acknowledged; here it is asked for once more as long.
const BOUND_MS = 1_000;
// Memory may still grow by this much over the second half: caches fill, and collectors are lazy.
const ALLOWED_GROWTH_MB = 24;

const root = resolve(import.meta.dirname, "../..");
const folder = makeFolder("sealgate-soak-");
const running = [];
const counts = new Map();
const mistakes = [];
let over = false;

try {
  process.exitCode = await main();
} finally {
  for (const stop of running) await stop();
  folder[Symbol.dispose]();
}

async function main() {
  const application = await startApplication();
  const origin = await startOrigin(root, folder.path);
  running.push(origin.stop);
  const workerd = await startWorkerd({
    root,
    folder: folder.path,
    workers: { edge: "edge/entry.mjs" },
    settings: settingsFor(origin, { host: HOST, upstream: application }),
    secrets: secretsFor(origin),
  });
  running.push(workerd.stop);

  const clients = [visit, visit, visit, signInAndOut, revoke, forge, forge, bend, downloadBig, uploadBig, hangUp, dawdle];
  setTimeout(() => (over = true), SECONDS * 1_000);
  const memory = watchMemory({ workerd: workerd.pid, origin: origin.pid });
  await Promise.all(clients.map((client) => repeat(client, { port: workerd.ports.edge, origin })));
  return report(memory());
}

async function repeat(client, world) {
  while (!over) {
    try {
      await client(world);
    } catch (error) {
      mistakes.push(`${client.name}: ${error.message}`);
    }
  }
}

/** Somebody reads pages for a while. */
async function visit(world) {
  const { token } = await world.origin.mint();
  for (let page = 0; page < 50 && !over; page++) await expect("visit", 200, ask(world, { token, path: `/page/${page}` }));
  await expect("public page", 200, ask(world, { path: "/public" }));
}

async function signInAndOut(world) {
  const { token } = await world.origin.mint();
  await expect("signed in", 200, ask(world, { token }));
  await expect("sign out", 200, ask(world, { token, method: "POST", path: "/auth/logout" }));
  await expect("signed out", 401, ask(world, { token }));
  await expect("no cookie", 401, ask(world, {}));
}

async function revoke(world) {
  const { id, token } = await world.origin.mint();
  await expect("not yet revoked", 200, ask(world, { token }));
  await world.origin.ask("DELETE", `/v1/sessions/${id}`);
  const since = performance.now();
  for (let isRefused = false, age = 0; age < 2 * BOUND_MS && !over; age = performance.now() - since) {
    const answer = ask(world, { token });
    isRefused ||= age > BOUND_MS || (await answer) === 401;
    await expect(isRefused ? "revoked" : "being revoked", isRefused ? 401 : 200, answer);
  }
}

/** Cookies that were never ours, and key ids that never were. */
async function forge(world) {
  const random = (length) => Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("base64url");
  for (let again = 0; again < 50 && !over; again++) {
    await expect("forged", 401, ask(world, { token: `v1.${random(8)}.${random(60)}.${random(32)}` }));
  }
}

async function bend(world) {
  const { token } = await world.origin.mint();
  for (let at = 4; at < token.length && !over; at += 3) {
    if (token[at] === ".") continue;
    const bent = token.slice(0, at) + (token[at] === "A" ? "Q" : "A") + token.slice(at + 1);
    if (bent !== token) await expect("bent", 401, ask(world, { token: bent }));
  }
}

async function downloadBig(world) {
  const { token } = await world.origin.mint();
  await expect("download", 200, ask(world, { token, path: "/big" }));
}

async function uploadBig(world) {
  const { token } = await world.origin.mint();
  await expect("upload", 200, ask(world, { token, method: "POST", body: BIG }));
}

/** Goes away in the middle of a download. */
async function hangUp(world) {
  const { token } = await world.origin.mint();
  await new Promise((done) => {
    const socket = connect(world.port, "127.0.0.1", () => socket.write(head(token, "/big")));
    socket.once("data", () => socket.destroy()).once("close", done).on("error", () => {});
  });
  count("hung up");
}

/** Sends its request a few bytes at a time. */
async function dawdle(world) {
  const { token } = await world.origin.mint();
  const status = await new Promise((done, fail) => {
    const socket = connect(world.port, "127.0.0.1", async () => {
      for (const piece of head(token, "/slow").match(/[^]{1,16}/g)) {
        socket.write(piece);
        await new Promise((next) => setTimeout(next, 20));
      }
    });
    socket.once("data", (answer) => {
      socket.destroy();
      done(Number(String(answer).split(" ")[1]));
    });
    socket.on("error", fail);
  });
  await expect("slow request", 200, status);
}

function head(token, path) {
  return `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nCookie: __Host-sg=${token}\r\nConnection: close\r\n\r\n`;
}

/** Sends a request and reads all of the answer; yields its status. */
function ask({ port }, { token, path = "/", method = "GET", body }) {
  const { promise, resolve, reject } = Promise.withResolvers();
  // A page of the same site asks, as browsers say: without that, what changes something would need the CSRF token.
  const headers = { host: HOST, accept: "application/json", "sec-fetch-site": "same-origin", ...(token && { cookie: `__Host-sg=${token}` }) };
  const sent = httpRequest({ port, path, method, headers }, (answer) => {
    answer.resume().on("end", () => resolve(answer.statusCode)).on("error", reject);
  });
  sent.on("error", reject).end(body);
  return promise;
}

async function expect(what, wanted, answer) {
  const status = await answer;
  count(`${what} ${status}`);
  if (status !== wanted) mistakes.push(`${what}: ${status} instead of ${wanted}`);
}

function count(what) {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Measures every second; the function it answers says what came of it. */
function watchMemory(processes) {
  const samples = Object.fromEntries(Object.keys(processes).map((name) => [name, []]));
  const timer = setInterval(() => {
    for (const [name, pid] of Object.entries(processes)) samples[name].push(residentMegabytes(pid));
  }, 1_000);
  return () => {
    clearInterval(timer);
    return Object.entries(samples).map(([name, of]) => {
      const quarter = Math.floor(of.length / 4);
      return { name, third: median(of.slice(2 * quarter, 3 * quarter)), last: median(of.slice(3 * quarter)) };
    });
  };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(memory) {
  console.log(`${SECONDS} s:`);
  for (const [what, number] of [...counts].sort()) console.log(`${String(number).padStart(9)}  ${what}`);
  for (const { name, third, last } of memory) {
    console.log(`${name}: ${third.toFixed(0)} MB in the third quarter, ${last.toFixed(0)} MB in the last`);
    if (last - third > ALLOWED_GROWTH_MB) mistakes.push(`${name} grew by ${(last - third).toFixed(0)} MB`);
  }
  for (const mistake of mistakes.slice(0, 20)) console.error(`soak: ${mistake}`);
  console.log(mistakes.length ? `${mistakes.length} mistakes` : "no mistakes");
  return mistakes.length ? 1 : 0;
}

async function startApplication() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end(request.url === "/big" ? BIG : "ok"));
    request.on("error", () => response.destroy());
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  running.push(() => server.close());
  server.on("connection", (socket) => running.push(() => socket.destroy()));
  return `http://127.0.0.1:${server.address().port}`;
}
