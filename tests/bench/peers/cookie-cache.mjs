// Cookies of better-auth's cookie cache, in its default form, made by better-auth itself. For `make bench-edge`.
import { memoryAdapter } from "better-auth/adapters/memory";

import { configure, sessionCookie } from "./configured.mjs";

const CACHE = "better-auth.session_data=";

/** Makes the cookies of one session, which hold for so many seconds; less than none is the past. */
export async function mintCookies(maxAge) {
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [] });
  const auth = configure({ database, basePath: "/auth", cookieCache: { enabled: true, maxAge } });
  const adapter = (await auth.$context).internalAdapter;
  const user = await adapter.createUser({ name: "Somebody", email: "somebody@example.test" });
  const cookie = sessionCookie(await adapter.createSession(user.id));
  const response = await auth.handler(new Request("http://localhost/auth/get-session", { headers: { cookie } }));
  const cache = response.headers.getSetCookie().find((line) => line.startsWith(CACHE));
  if (!cache) throw new Error(`better-auth set no cache: ${response.status}`);
  return `${cookie}; ${cache.split(";")[0]}`;
}

/** The same cookies with another MAC, inside of JSON and base64url that stay well-formed. */
export function bendMac(cookies) {
  const [before, cache] = cookies.split(CACHE);
  const text = Buffer.from(cache, "base64url").toString();
  const bent = text.replace(/("signature":"[^"]{20})(.)/, (_, start, one) => start + (one === "A" ? "B" : "A"));
  return before + CACHE + Buffer.from(bent).toString("base64url");
}
