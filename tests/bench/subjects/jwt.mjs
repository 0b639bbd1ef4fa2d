// What the checks of a JSON Web Token have in common: the cookie that it is in, and the key, imported once.
const COOKIE = /(?:^|;\s*)jwt=([^;]*)/;
const HS256 = { name: "HMAC", hash: "SHA-256" };

let key;

export async function importKey(env) {
  key ??= await crypto.subtle.importKey("raw", new TextEncoder().encode(env.JWT_SECRET), HS256, false, ["verify"]);
  return key;
}

export function tokenIn(cookies) {
  return cookies.match(COOKIE)?.[1] ?? "";
}
