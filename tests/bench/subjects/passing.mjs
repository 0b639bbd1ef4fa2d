// The header work of a proxy that vouches for somebody, plainly written: nothing that a client may not say itself, no
// cookie of ours, and the same headers set as the door sets; the bench compares what the application receives.
const OURS = /^x[^a-z0-9](sealgate[^a-z0-9]|forwarded[^a-z0-9](host|proto)$)/i;
// As long as the door's, which it signs once in half a minute.
const ASSERTION = "a".repeat(420);
const COOKIE = /(?:^|;\s*)(?:jwt|__Host-sg)=[^;]*/;

export function passOn(request, { url, method, cookie }, env, claims) {
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (OURS.test(name)) headers.delete(name);
  headers.set("cookie", cookie.replace(COOKIE, ""));
  headers.set("cache-control", "no-cache, no-store");
  headers.set("x-forwarded-host", request.headers.get("host"));
  headers.set("x-forwarded-proto", "http");
  headers.set("x-sealgate-tenant", claims.aud);
  headers.set("x-sealgate-session", claims.jti);
  headers.set("x-sealgate-actor-type", claims.actor_type);
  headers.set("x-sealgate-actor-id", claims.sub);
  headers.set("x-sealgate-assurance", String(claims.assurance));
  headers.set("x-sealgate-authenticated-at", String(claims.iat));
  headers.set("x-sealgate-expires-at", String(claims.exp));
  headers.set("x-sealgate-revocation-age-ms", "0");
  headers.set("x-sealgate-assertion", ASSERTION);
  const to = env.UPSTREAM + url.slice(url.indexOf("/", "https://".length));
  return fetch(new Request(to, { method, headers, body: null, redirect: "manual", cache: "no-store" }));
}
