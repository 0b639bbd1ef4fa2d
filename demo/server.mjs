// A demonstration of an application behind the edge. It holds no session code at all: who is asking is told by the edge
// (caller.mjs).
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { Attempts } from "./attempts.mjs";
import { whoAsks } from "./caller.mjs";
import { missingPage, privatePage, publicPage, safePage } from "./page.mjs";

const {
  DEMO_PORT = "8788",
  DEMO_EDGE = "http://127.0.0.1:8787",
  DEMO_EDGE_HOST = "localhost:8787",
  DEMO_ORIGIN = "http://127.0.0.1:8790",
  SEALGATE_SERVICE_TOKEN = "",
} = process.env;

const attempts = new Attempts({
  edge: DEMO_EDGE,
  edgeHost: DEMO_EDGE_HOST,
  origin: DEMO_ORIGIN,
  serviceToken: SEALGATE_SERVICE_TOKEN,
});

// Everything under /public is open to everybody, by a route in wrangler.toml; so the style sheet lies there too.
const files = new Map([
  ["/public/style.css", "text/css; charset=utf-8"],
  ["/public/enhance.js", "text/javascript; charset=utf-8"],
  ["/public/seal.svg", "image/svg+xml"],
]);

const routes = {
  "GET /": home,
  "GET /safe": safe,
  "GET /whoami": whoami,
  "GET /public": (request, response) => html(response, 200, publicPage(), "public, max-age=60"),
  "GET /healthz": (request, response) => json(response, 200, { status: "ok" }),
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://demo.invalid");
  try {
    const route = routes[`${request.method} ${pathname}`];
    if (route) await route(request, response);
    else if (pathname.startsWith("/try/")) await attempt(request, response, pathname.slice("/try/".length));
    else if (request.method === "GET" && files.has(pathname)) await file(response, pathname);
    else if (request.headers.accept?.includes("text/html")) html(response, 404, missingPage());
    else json(response, 404, { code: "not_found", title: "There is no such page." });
  } catch (error) {
    console.error(`demo: error: ${request.method} ${pathname}: ${error.message}`);
    if (!response.headersSent) json(response, 500, { code: "failed", title: "The demonstration failed." });
  }
});

/** The page that only signed-in people see. */
async function home(request, response) {
  const identity = await identityOf(request);
  html(response, identity ? 200 : 401, privatePage({ identity, headers: headersOf(request) }));
}

/** The page that only those see who signed in a short while ago. */
async function safe(request, response) {
  const identity = await identityOf(request);
  html(response, identity ? 200 : 401, safePage({ identity }));
}

/** What the edge says about the asker, for programs; the attempts below ask for it. */
async function whoami(request, response) {
  const identity = await identityOf(request);
  if (identity) json(response, 200, identity);
  else json(response, 401, { code: "no_assertion", title: "The edge does not vouch for who asks." });
}

/** Sends one of the prepared cookies through the edge and shows what became of it. */
async function attempt(request, response, kind) {
  // Whoever is sent back here after signing in comes by GET: nothing to try, but a page to see.
  if (request.method !== "POST") return response.writeHead(303, { location: "/" }).end();
  const identity = await identityOf(request);
  const outcome = identity && (await attempts.make(kind));
  html(response, identity ? 200 : 401, privatePage({ identity, headers: headersOf(request), outcome }));
}

/** Who asks, or nothing if the edge does not vouch for it. */
async function identityOf(request) {
  try {
    return await whoAsks(request.headers);
  } catch (error) {
    console.error(`demo: an assertion was refused: ${error.code}`);
  }
}

async function file(response, path) {
  const body = await readFile(new URL(`.${path}`, import.meta.url));
  response.writeHead(200, { "content-type": files.get(path), "cache-control": "public, max-age=60" }).end(body);
}

/** The headers as they arrived, in order: [[name, value], …]. An assertion's signature is as good as a password. */
function headersOf(request) {
  const raw = request.rawHeaders;
  const pairs = Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i], raw[2 * i + 1]]);
  return pairs.map(([name, value]) => [name, /^x-sealgate-assertion$/i.test(name) ? value.replace(/[^.]*$/, "…") : value]);
}

// no-store, so that the back button shows nothing once somebody has signed out.
function html(response, status, body, cacheControl = "no-store") {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": cacheControl,
    "content-security-policy":
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

function json(response, status, value) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(value));
}

// Port 0 takes a free one.
server.listen(Number(DEMO_PORT), "127.0.0.1", () => console.log(`demo: http://127.0.0.1:${server.address().port}`));
