// What goes with a request and with an answer: which headers the gate is told of, which go on, and which come back.

// Headers that only the edge may set, in any spelling that some server takes for the same name: some make one
// of whatever is neither letter nor digit.
const OURS = /^x[^a-z0-9](sealgate[^a-z0-9]|forwarded[^a-z0-9](host|proto)$)/i;

// Methods that change nothing (RFC 9110 §9.2.1).
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

// What the gate may need of a request's headers, but the cookies; the last ones of a request that may change something.
const TOLD = ["authorization", "upgrade", "sec-fetch-site", "origin", "x-csrf-token", "content-type"];

// Reading a header costs more than checking a cookie: of most requests these two are read, and nothing is told.
export function told({ method, headers }) {
  const isPlain = !headers.has("authorization") && !headers.has("upgrade") && SAFE.has(method);
  if (isPlain) return "";
  const lines = TOLD.map((name) => [name, headers.get(name)]).filter(([, value]) => value !== null);
  return lines.map((line) => line.join(": ")).join("\n");
}

export function outgoing(request, url, lines, to) {
  const { method } = request;
  // A length alone, be it 0, is a body to the runtime, and with one it sends no GET.
  const body = method === "GET" || method === "HEAD" ? null : request.body;
  const init = { method, headers: request.headers, body, redirect: "manual" };
  // What is decided on a session, or is one, must neither be answered from a cache that others share nor end up in
  // one: the option is for the runtime's own, the header below for those on the way.
  if (to !== "public") init.cache = "no-store";
  const sent = new Request(url, init);
  const { headers } = sent;
  for (const name of request.headers.keys()) {
    if (name[0] === "x" && OURS.test(name)) headers.delete(name);
  }
  headers.delete("cookie");
  if (to !== "public") headers.set("cache-control", "no-cache, no-store");
  setLines(headers, lines);
  if (to === "origin") tellAddress(request, headers);
  return sent;
}

// The origin limits what one address may try. The gate has named the header that tells it, if there is one to be believed.
function tellAddress(request, headers) {
  const source = headers.get("x-sealgate-client-ip-source");
  const address = source && request.headers.get(source);
  if (address) headers.set("x-sealgate-client-ip", address);
}

function setLines(headers, lines) {
  for (const line of lines) {
    const colon = line.indexOf(": ");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
    if (name === "set-cookie") headers.append(name, value);
    else if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
}

// Caching headers that go before Cache-Control in the caches they are named for (RFC 9213 and what was before it).
export const FOR_CACHES = ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control", "x-accel-expires"];

export function keepFromCaches(headers, caching) {
  headers.set("cache-control", caching);
  for (const name of FOR_CACHES) headers.delete(name);
}

// Without a decision (the gate was lost, the configuration is broken) no cookie passes at all.
export function keepCookies(headers, passage) {
  const [first, ...lines] = passage.split("\n");
  const [word, dropped, ours] = first.split(" ");
  headers.delete("set-cookie");
  if (word !== "keep") return;
  for (const line of lines) headers.append("set-cookie", line);
  if (ours === "1") keepFromCaches(headers, "no-store");
  if (dropped !== "0") console.warn(`sealgate: dropped ${dropped} Set-Cookie lines of the application`);
}

export function parseAnswer(text) {
  const end = text.indexOf("\n\n");
  const [status, ...lines] = text.slice(0, end).split("\n");
  const headers = new Headers();
  setLines(headers, lines);
  return { body: text.slice(end + 2) || null, init: { status: Number(status), headers } };
}

// With headers that can be changed. A browser takes cookies from the answer to an upgrade, too.
export function copy(response) {
  const { headers, webSocket } = response;
  return new Response(response.body, webSocket ? { status: 101, headers, webSocket } : response);
}
