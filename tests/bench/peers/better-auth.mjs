// better-auth on one database, for `make bench-origin`: creating sessions and getting them, in this process and over HTTP.
// Run with the database: sqlite:FILE or postgres://… It writes one line of JSON, what there is to ask, once it serves.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import pg from "pg";

import { configure, sessionCookie } from "./configured.mjs";

const SESSIONS = 1_000;
const database = openDatabase(process.argv[2]);
// The same database twice: once every request reads it, once the cookie answers for five minutes.
const exact = configure({ database, basePath: "/exact", cookieCache: { enabled: false } });
const cached = configure({ database, basePath: "/cached", cookieCache: { enabled: true } });

await (await getMigrations(exact.options)).runMigrations();
const adapter = (await exact.$context).internalAdapter;
const users = await inTurn(SESSIONS, () => adapter.createUser({ name: "Somebody", email: `${randomUUID()}@example.test` }));
const sessions = await inTurn(SESSIONS, (at) => adapter.createSession(users[at].id));

const routes = { "/exact": toNodeHandler(exact), "/cached": toNodeHandler(cached) };
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const handler = routes[pathname.slice(0, pathname.indexOf("/", 1))];
  if (handler) return handler(request, response);
  const answer = pathname === "/create" ? await createOne() : await createMany(searchParams);
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const cookies = sessions.map(sessionCookie);
  console.log(JSON.stringify({ port, cookies, cached_cookies: await addCaches(port, cookies) }));
});

function openDatabase(url) {
  // As many connections as the origin has.
  if (!url.startsWith("sqlite:")) return new pg.Pool({ connectionString: url, max: Number(process.argv[3]) });
  const sqlite = new DatabaseSync(url.slice("sqlite:".length));
  // As the origin opens it: what was answered survives a power cut.
  for (const pragma of ["journal_mode = wal", "synchronous = full", "foreign_keys = on"]) sqlite.exec(`pragma ${pragma}`);
  return sqlite;
}

/** Creating over HTTP has no route without a password to hash in it; this one does nothing else. */
function createOne() {
  return adapter.createSession(users[Math.floor(Math.random() * users.length)].id);
}

/** Creates sessions in this process for some seconds; how many. */
async function createMany(parameters) {
  const end = performance.now() + Number(parameters.get("seconds")) * 1_000;
  let created = 0;
  const client = async () => {
    for (; performance.now() < end; created++) await createOne();
  };
  await Promise.all(Array.from({ length: Number(parameters.get("clients")) }, client));
  return { created };
}

async function addCaches(port, cookies) {
  return inTurn(cookies.length, async (at) => {
    const response = await fetch(`http://127.0.0.1:${port}/cached/get-session`, { headers: { cookie: cookies[at] } });
    const set = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    if (set.length === 0) throw new Error(`no cookie was set: ${response.status} ${await response.text()}`);
    return [cookies[at], ...set].join("; ");
  });
}

async function inTurn(count, make) {
  const made = [];
  for (let at = 0; at < count; at++) made.push(await make(at));
  return made;
}
