// What the peers are sent: a cookie that holds, a forged one and an expired one, each of about the same content.
import { SignJWT } from "jose";

import { SECRET as BETTER_AUTH_SECRET } from "../peers/configured.mjs";
import { bendMac as bendCache, mintCookies } from "../peers/cookie-cache.mjs";

const JWT_SECRET = "0123456789abcdef0123456789abcdef";
// Longer than any run, and the past.
const [LONG, PAST] = [3_600, -60];

/** What the peers' Workers find in their environment. */
export const PEER_SECRETS = { JWT_SECRET, BETTER_AUTH_SECRET };

export async function makePeerCookies() {
  const [jwt, betterAuth] = [await signJwt(LONG), await mintCookies(LONG)];
  return {
    any: { good: `jwt=${jwt}` },
    jwt: { good: `jwt=${jwt}`, forged: `jwt=${bendMac(jwt)}`, expired: `jwt=${await signJwt(PAST)}` },
    betterAuth: { good: betterAuth, forged: bendCache(betterAuth), expired: await mintCookies(PAST) },
  };
}

/** The same token with another character in the middle of its MAC. */
export function bendMac(token) {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

function signJwt(lifetime) {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ actor_type: "user", generation: 0, assurance: 0 })
    .setProtectedHeader({ alg: "HS256", kid: "AQIDBAUGBwg" })
    .setSubject("018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f")
    .setJti("ses-AAAAAAAAAAAAAAAAAAAAAA")
    .setAudience("demo")
    .setIssuedAt(now + Math.min(0, lifetime))
    .setExpirationTime(now + lifetime)
    .sign(new TextEncoder().encode(JWT_SECRET));
}
