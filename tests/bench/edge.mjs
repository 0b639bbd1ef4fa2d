// `make bench-edge`: what a request costs at the edge, in CPU time of workerd, beside a Worker that does nothing and
// one that checks a JSON Web Token with jose.
//
// All subjects run in one workerd on one core, loaded in turns from another core: what else the machine does hits all
// alike. Quoted is the quartile of the rounds that was disturbed least (p25), and ratios within this run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SignJWT } from "jose";

import { load } from "./load.mjs";
import { settingsFor, startOrigin } from "../kit-js/origin.mjs";
import { cpuNanoseconds, startWorkerd } from "../kit-js/workerd.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 60);
const REQUESTS = Number(process.env.REQUESTS ?? 2_000);
const HOST = "demo.test";
const JWT_SECRET = "0123456789abcdef0123456789abcdef";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "sealgate-bench-"));
const running = [];

try {
  await main();
} finally {
  for (const stop of running) stop();
  rmSync(folder, { recursive: true });
}

async function main() {
  const origin = await startOrigin(root, folder);
  running.push(origin.stop);
  const { token } = await origin.mint();
  const moduleOf = (name) => `tests/bench/subjects/${name}.mjs`;
  const workerd = await startWorkerd({
    root,
    folder,
    workers: { noop: moduleOf("noop"), jose: moduleOf("jose"), ours: moduleOf("ours") },
    settings: settingsFor(origin, { host: HOST, upstream: "http://127.0.0.1:9" }),
    secrets: { SEALGATE_EDGE_SECRET: origin.edgeSecret, SECRET: JWT_SECRET },
    cpu: 0,
  });
  running.push(workerd.stop);
  // The load comes from the other core.
  execFileSync("taskset", ["-cp", "1", String(process.pid)], { stdio: "ignore" });

  const jwt = await signJwt();
  const subjects = [
    { name: "no-op", port: workerd.ports.noop, cookie: `__Host-sg=${token}`, status: 200 },
    { name: "jose, good", port: workerd.ports.jose, cookie: `jwt=${jwt}`, status: 200 },
    { name: "jose, forged", port: workerd.ports.jose, cookie: `jwt=${bend(jwt)}`, status: 401 },
    { name: "sealgate, good", port: workerd.ports.ours, cookie: `__Host-sg=${token}`, status: 200 },
    { name: "sealgate, forged", port: workerd.ports.ours, cookie: `__Host-sg=${bend(token)}`, status: 401 },
  ].map((subject) => ({ ...subject, request: browserRequest(subject.cookie), rounds: [] }));

  for (const subject of subjects) await load(subject, REQUESTS); // warmed up
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      const before = cpuNanoseconds(workerd.pid);
      await load(subject, REQUESTS);
      subject.rounds.push((cpuNanoseconds(workerd.pid) - before) / REQUESTS / 1_000);
    }
  }
  report(subjects);
}

function report(subjects) {
  const results = subjects.map(({ name, rounds }) => ({ name, cpu_us_p25: quartile(rounds) }));
  const of = (name) => results.find((result) => result.name === name).cpu_us_p25;
  for (const result of results) {
    result.to_noop = result.cpu_us_p25 / of("no-op");
    result.to_jose = result.cpu_us_p25 / of("jose, good");
  }
  const forged_to_good = of("sealgate, forged") / of("sealgate, good");
  console.log("subject             CPU µs (p25)   × no-op   × jose");
  for (const { name, cpu_us_p25, to_noop, to_jose } of results) {
    const [cpu, noop, jose] = [cpu_us_p25.toFixed(1), to_noop.toFixed(2), to_jose.toFixed(2)];
    console.log(`${name.padEnd(20)}${cpu.padStart(12)}${noop.padStart(10)}${jose.padStart(9)}`);
  }
  console.log(`refusing a forged cookie costs ${forged_to_good.toFixed(2)} times what accepting a good one does`);
  const to = join(root, "target/bench/edge.json");
  mkdirSync(join(root, "target/bench"), { recursive: true });
  writeFileSync(to, `${JSON.stringify({ rounds: ROUNDS, requests: REQUESTS, results, forged_to_good }, null, 2)}\n`);
}

/** A request with the headers that a browser sends. */
function browserRequest(cookie) {
  return [
    "GET /orders?page=2 HTTP/1.1",
    `Host: ${HOST}`,
    "Connection: keep-alive",
    'sec-ch-ua: "Chromium";v="148", "Not)A;Brand";v="24"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "DNT: 1",
    "Upgrade-Insecure-Requests: 1",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
    "Accept: application/json",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    `Referer: http://${HOST}/`,
    "Accept-Language: en-GB,en;q=0.9",
    `Cookie: theme=dark; ${cookie}`,
    "",
    "",
  ].join("\r\n");
}

function signJwt() {
  return new SignJWT({ actor_type: "user", generation: 0, assurance: 0 })
    .setProtectedHeader({ alg: "HS256", kid: "AQIDBAUGBwg" })
    .setSubject("018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f")
    .setJti("ses-AAAAAAAAAAAAAAAAAAAAAA")
    .setAudience("demo")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/** The same token with another character in the middle of its MAC. */
function bend(token) {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

function quartile(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 4)];
}
