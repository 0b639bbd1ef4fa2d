// Checks v1.json, feed.json and refresh.json with a third implementation of docs/FORMAT.md, on node:crypto and nothing
// else. It shares no code with the other two, and differs from them where it can: it refuses what is not canonical while
// reading, where they encode again and compare. Run it from anywhere, with Node 18 or newer:
// `node shared/tests/vectors/check.mjs`.
import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

import { RevocationSet, openHead, readSnapshot, sealHeadAgain } from "./feed.mjs";
import {
  ACTOR_ID,
  ACTOR_TYPE,
  MAX_TIME_MS,
  ROLE,
  Reader,
  SLUG,
  attempt,
  decode,
  edgeKey,
  encode,
  hkdf,
  hmac,
  openEnvelope,
  refuse,
  refuseUnless,
  sealEnvelope,
  sealId,
} from "./primitives.mjs";
import { MAX_LENGTH as MAX_REFRESH_LENGTH, choose, filter, proves } from "./refresh.mjs";

const MAX_LENGTH = 1024;
const LEEWAY_MS = 5000;
const MAX_MACS = 4;
const MAX_COOKIE = 8192; // of a whole edge; the reader knows no limit
// What a key ring holds of a key; a document names the state by its position.
const PUBLISHED = [
  ["verifying", ["access", "bearer", "csrf", "refresh-filter"]],
  ["retired", ["csrf", "refresh-filter"]],
  ["revoked", []],
];

// --- Keys --------------------------------------------------------------------------------------------------------

const subkey = (key, purpose) => hkdf("sealgate/v1/signing-key", key.signingKey, `${purpose}\0${key.tenant}`);
const csrfToken = (key, session) => encode(hmac(subkey(key, "csrf"), session).subarray(0, 16));

function readRing(ring) {
  const read = (key) => {
    const { kid, tenant, state, signing_key } = key;
    return [kid, { tenant, state, signingKey: Buffer.from(signing_key, "hex") }];
  };
  return { maxLifetimeMs: ring.max_lifetime_ms, keys: new Map(ring.keys.map(read)) };
}

// --- Claims ------------------------------------------------------------------------------------------------------

function readClaims(bytes) {
  const reader = new Reader(bytes, "bad_claims");
  const session = `ses-${encode(reader.take(16))}`;
  const [tenant, actor_type, actor_id] = [reader.id(SLUG), reader.text(ACTOR_TYPE), reader.id(ACTOR_ID)];
  const issued = reader.varint(64);
  const [expires, authenticated] = [issued + reader.varint(64), issued - reader.varint(64)];
  const generation = Number(reader.varint(32));
  const [assurance] = reader.take(1);
  const count = reader.varint(64);
  refuseUnless(count <= 16n, "bad_claims");
  const roles = Array.from({ length: Number(count) }, () => reader.text(ROLE));
  reader.end();
  refuseUnless(expires <= MAX_TIME_MS && authenticated >= 0n, "bad_claims");
  refuseUnless(roles.every((role, at) => at === 0 || roles[at - 1] < role), "bad_claims");
  const times = { issued_at_ms: issued, expires_at_ms: expires, authenticated_at_ms: authenticated };
  for (const name of Object.keys(times)) times[name] = Number(times[name]);
  return { session, tenant, actor_type, actor_id, ...times, generation, assurance, roles };
}

// --- Tokens ------------------------------------------------------------------------------------------------------

// The checks that need no key.
function parse(token) {
  refuseUnless(Buffer.byteLength(token) <= MAX_LENGTH, "too_long");
  const parts = token.split(".");
  refuseUnless(parts.length === 4, "malformed");
  const [version, kid, claims, mac] = parts;
  refuseUnless(version === "v1", "unknown_version");
  decode(kid, "malformed", 8);
  return { kid, claims, mac: decode(mac, "malformed", 32), signed: `${version}.${kid}.${claims}` };
}

function verify({ token, kind, tenant, now_ms }, ring) {
  const sealed = parse(token);
  const key = ring.keys.get(sealed.kid) ?? refuse("unknown_kid");
  if (key.state !== "verifying") refuse(key.state === "retired" ? "expired" : "revoked");
  refuseUnless(timingSafeEqual(hmac(subkey(key, kind), sealed.signed), sealed.mac), "bad_mac");
  const claims = readClaims(decode(sealed.claims, "bad_claims"));
  refuseUnless(claims.tenant === tenant && key.tenant === tenant, "wrong_tenant");
  refuseUnless(claims.expires_at_ms - claims.issued_at_ms <= ring.maxLifetimeMs, "lifetime_too_long");
  refuseUnless(claims.issued_at_ms <= now_ms + LEEWAY_MS, "issued_in_future");
  refuseUnless(now_ms < claims.expires_at_ms, "expired");
  return claims;
}

// --- Cookies -----------------------------------------------------------------------------------------------------

const trim = (text) => text.replace(/^[ \t]+|[ \t]+$/g, "");

function* valuesOf(header, name) {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals >= 0 && trim(pair.slice(0, equals)) === name) yield trim(pair.slice(equals + 1));
  }
}

function select({ header, tenant, now_ms }, ring) {
  const [good, reasons] = [[], []];
  let macs = 0;
  for (const token of valuesOf(header, "__Host-sg")) {
    const outcome = attempt(() => {
      const verifies = ring.keys.get(parse(token).kid)?.state === "verifying";
      if (verifies) macs += 1;
      return verifies && macs > MAX_MACS ? null : verify({ token, kind: "access", tenant, now_ms }, ring);
    });
    if (outcome.ok === null) break;
    if (outcome.ok) good.push(outcome.ok);
    else reasons.push(outcome.reject);
  }
  refuseUnless(new Set(good.map((claims) => claims.session)).size <= 1, "ambiguous_session");
  if (good.length > 0) return good.reduce((best, next) => (next.generation > best.generation ? next : best));
  return refuse(reasons.includes("expired") ? "expired" : (reasons[0] ?? "missing"));
}

// --- Keyring documents -------------------------------------------------------------------------------------------

const KEYRING = "sealgate/v1/keyring";

function openKeyring(document) {
  const reader = new Reader(openEnvelope(KEYRING, Buffer.from(document.sealed, "hex"), document), "content");
  const keyring = { version: reader.varint(64), max_lifetime_ms: reader.varint(64), keys: [] };
  for (let count = reader.varint(64); count > 0n; count -= 1n) {
    const [id, tenant, tag] = [`sk-${encode(reader.take(8))}`, reader.text(SLUG), reader.varint(32)];
    const [state, purposes] = PUBLISHED[tag] ?? refuse("content");
    const key = { id, tenant, state };
    for (const purpose of purposes) key[purpose] = reader.take(32).toString("hex");
    keyring.keys.push(key);
  }
  reader.end();
  refuseUnless(new Set(keyring.keys.map((key) => key.id)).size === keyring.keys.length, "duplicate_key");
  return keyring;
}

function sealAgain(test) {
  const sealed = Buffer.from(test.sealed, "hex");
  return sealEnvelope(KEYRING, sealed.subarray(1, 13), openEnvelope(KEYRING, sealed, test), test).toString("hex");
}

// --- The cases ---------------------------------------------------------------------------------------------------

let [passed, failed] = [0, 0];

// Compared as text, with the fields in one order and with numbers as long as they are.
function check(what, given, expected) {
  const [one, other] = [canonical(given), canonical(expected)];
  if (one === other) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED ${what}: expected ${other}, got ${one}`);
  }
}

function canonical(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}

function checkAll(vectors) {
  const ring = readRing(vectors.ring);
  const keyOf = (kid) => ring.keys.get(kid);
  check("max_length", vectors.max_length, MAX_LENGTH);
  check("leeway_ms", vectors.leeway_ms, LEEWAY_MS);
  for (const test of vectors.tokens) {
    check(`token ${test.name}`, attempt(() => verify(test, ring)), test.expect);
  }
  for (const test of vectors.cookie_headers) {
    const what = `cookie header ${test.name}`;
    check(what, attempt(() => select(test, ring)), test.expect);
    if (test.lines) check(`${what}, joined`, test.lines.join("; "), test.header);
    const tooLarge = Buffer.byteLength(test.header) > MAX_COOKIE;
    check(`${what}, at an edge`, test.edge_answers ?? null, tooLarge ? "cookie_too_large" : null);
  }
  for (const { kid, tenant, purpose, subkey: expected } of vectors.subkeys) {
    check(`subkey ${purpose} of ${tenant}`, subkey(keyOf(kid), purpose).toString("hex"), expected);
  }
  for (const { kid, session, token } of vectors.csrf) {
    check(`CSRF token of ${session}`, csrfToken(keyOf(kid), decode(session.slice(4), "session", 16)), token);
  }
  for (const test of vectors.edges) {
    const [auth, seal] = ["auth", "seal"].map((what) => edgeKey(Buffer.from(test.secret, "hex"), what));
    const given = [auth.toString("hex"), seal.toString("hex"), `${test.edge}.${encode(auth)}`];
    check(`edge ${test.edge}`, given, [test.auth, test.seal, test.credential]);
  }
  for (const test of vectors.keyring_documents) {
    const opened = attempt(() => openKeyring(test));
    check(`keyring ${test.name}`, opened, test.expect);
    if (opened.ok) check(`keyring ${test.name}, sealed again`, sealAgain(test), test.sealed);
  }
  // A file cut short must not pass for want of cases.
  check("there are cases of every kind", vectors.tokens.length >= 288 && vectors.cookie_headers.length >= 170, true);
}

function checkFeed(vectors) {
  for (const { edge, secret, seal_id } of vectors.seal_ids) {
    check(`seal id of ${edge}`, sealId(Buffer.from(secret, "hex")), seal_id);
  }
  for (const test of vectors.heads) {
    const opened = attempt(() => openHead(test));
    check(`head ${test.name}`, opened, test.expect);
    if (opened.ok) check(`head ${test.name}, sealed again`, sealHeadAgain(test), test.sealed);
  }
  for (const test of vectors.snapshots) {
    check(`snapshot ${test.name}`, attempt(() => readSnapshot(test)), test.expect);
  }
  for (const test of vectors.sets) {
    const set = new RevocationSet();
    for (const step of test.steps) {
      const then = step.head ? set.takeHead(step.head) : set.takeSnapshot(step.snapshot);
      check(`set ${test.name}`, [then, set.standing()], [step.then, step.position]);
    }
    for (const token of test.tokens) check(`set ${test.name}`, set.hits(token), token.hit);
  }
  const counts = [vectors.heads, vectors.snapshots, vectors.sets].map((cases) => cases.length);
  check("there are cases of the feed of every kind", counts.every((count, at) => count >= [140, 150, 25][at]), true);
}

function checkRefresh(vectors, ring) {
  check("max_length of a refresh token", vectors.max_length, MAX_REFRESH_LENGTH);
  for (const test of vectors.tokens) {
    const filtered = attempt(() => filter(test, ring));
    check(`refresh token ${test.name}`, filtered, test.expect);
    check(`refresh token ${test.name}, proved`, filtered.ok ? proves(test, ring) : null, test.proves ?? null);
  }
  for (const test of vectors.cookie_headers) {
    const values = valuesOf(test.header, "__Host-sg_refresh");
    check(`refresh cookie header ${test.name}`, attempt(() => choose(values, test, ring)), test.expect);
  }
  const counts = [vectors.tokens, vectors.cookie_headers].map((cases) => cases.length);
  check("there are refresh tokens of every kind", counts.every((count, at) => count >= [220, 45][at]), true);
}

// JSON has no limit for integers, but JavaScript's numbers have one: what may be beyond it is read as a text that says
// so.
function readJson(text) {
  const marked = text.replace(/(": )(\d{16,})\b/g, '$1"integer $2"');
  const revive = (_, value) => (/^integer \d+$/.test(value) ? BigInt(value.slice(8)) : value);
  return JSON.parse(marked, revive);
}

const readVectors = (name) => readJson(readFileSync(new URL(name, import.meta.url), "utf8"));

const vectors = readVectors("v1.json");
checkAll(vectors);
checkFeed(readVectors("feed.json"));
checkRefresh(readVectors("refresh.json"), readRing(vectors.ring));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
