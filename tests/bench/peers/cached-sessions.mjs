// better-auth with its cookie cache, for `make bench-revocation`. Run with the lifetime of the cache in seconds. It writes
// one line of JSON, where it serves, once it does.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";

import { configure, sessionCookie } from "./configured.mjs";

const cookieCache = { enabled: true, maxAge: Number(process.argv[2]) };
const auth = configure({ database: new DatabaseSync(":memory:"), basePath: "/auth", cookieCache });
await (await getMigrations(auth.options)).runMigrations();
const context = await auth.$context;
const handler = toNodeHandler(auth);

const server = createServer(async (request, response) => {
  if (request.url !== "/create") return handler(request, response);
  response.setHeader("content-type", "application/json").end(JSON.stringify(await createPair()));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ address: `http://127.0.0.1:${server.address().port}` }));
});

/** Two sessions of somebody: the one under test, and the one that ends it. */
async function createPair() {
  const adapter = context.internalAdapter;
  const user = await adapter.createUser({ name: "Somebody", email: `${randomUUID()}@example.test` });
  const [tested, other] = [await adapter.createSession(user.id), await adapter.createSession(user.id)];
  return { token: tested.token, cookie: sessionCookie(tested), other: sessionCookie(other) };
}
