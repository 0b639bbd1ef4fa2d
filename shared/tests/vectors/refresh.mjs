// Refresh tokens, on node:crypto and nothing else: docs/FORMAT.md, "The refresh token". It refuses what is not canonical
// while reading.
import { timingSafeEqual } from "node:crypto";

import { MAX_TIME_MS, Reader, attempt, decode, encode, hkdf, hmac, refuse, refuseUnless } from "./primitives.mjs";

export const MAX_LENGTH = 192;
const MAX_MACS = 4;
const CHANNELS = ["cookie", "bearer"];
const INNER = { cookie: "refresh", bearer: "refresh-bearer" };

const subkey = (key, purpose) => hkdf("sealgate/v1/signing-key", key.signingKey, `${purpose}\0${key.tenant}`);
const fits = (key, purpose, parts, mac) => timingSafeEqual(hmac(subkey(key, purpose), parts.join(".")), mac);

// The checks that need no key.
function parse(token) {
  refuseUnless(Buffer.byteLength(token) <= MAX_LENGTH, "too_long");
  const parts = token.split(".");
  refuseUnless(parts.length === 5, "malformed");
  const [version, kid, body, inner, outer] = parts;
  refuseUnless(version === "r1", "unknown_version");
  decode(kid, "malformed", 8);
  return { parts, kid, body, inner: decode(inner, "malformed", 32), outer: decode(outer, "malformed", 32) };
}

function readBody(bytes) {
  const reader = new Reader(bytes, "bad_claims");
  const session = `ses-${encode(reader.take(16))}`;
  const [generation, channel, idle] = [reader.varint(32), reader.varint(32), reader.varint(64)];
  reader.end();
  refuseUnless(channel < CHANNELS.length && idle <= MAX_TIME_MS, "bad_claims");
  return { session, generation: Number(generation), channel: CHANNELS[channel], idle_expires_at_ms: Number(idle) };
}

// What an edge does.
export function filter({ token, channel, tenant, now_ms }, ring) {
  const sealed = parse(token);
  const key = ring.keys.get(sealed.kid) ?? refuse("unknown_kid");
  refuseUnless(key.state !== "revoked", "revoked");
  refuseUnless(fits(key, "refresh-filter", sealed.parts.slice(0, 4), sealed.outer), "bad_mac");
  const body = readBody(decode(sealed.body, "bad_claims"));
  refuseUnless(key.tenant === tenant, "wrong_tenant");
  refuseUnless(body.channel === channel, "bad_mac");
  refuseUnless(now_ms < body.idle_expires_at_ms, "expired");
  return body;
}

// What the origin does besides, with a token that has passed: whether it made it.
export function proves({ token }, ring) {
  const sealed = parse(token);
  const key = ring.keys.get(sealed.kid);
  const { channel } = readBody(decode(sealed.body, "bad_claims"));
  return fits(key, INNER[channel], sealed.parts.slice(0, 3), sealed.inner);
}

// Of several cookies.
export function choose(values, { tenant, now_ms }, ring) {
  const [good, reasons] = [[], []];
  let macs = 0;
  for (const token of values) {
    const outcome = attempt(() => {
      const state = ring.keys.get(parse(token).kid)?.state;
      const counts = state !== undefined && state !== "revoked";
      if (counts) macs += 1;
      return counts && macs > MAX_MACS ? null : filter({ token, channel: "cookie", tenant, now_ms }, ring);
    });
    if (outcome.ok === null) break;
    if (outcome.ok) good.push(outcome.ok);
    else reasons.push(outcome.reject);
  }
  refuseUnless(new Set(good.map((body) => body.session)).size <= 1, "ambiguous_session");
  if (good.length > 0) return good.reduce((best, next) => (next.generation > best.generation ? next : best));
  return refuse(reasons[0] ?? "missing");
}
