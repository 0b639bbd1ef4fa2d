// What everything sealed has in common: strict base64url, the keys of an edge, envelopes, and a reader of the binary form
// that refuses what is not canonical while reading. On node:crypto and nothing else.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";

export const MAX_TIME_MS = 253402300799999n;

export const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
export const ACTOR_TYPE = /^[a-z][a-z0-9_-]{0,31}$/;
export const ACTOR_ID = /^[!-~]{1,128}$/;
export const ROLE = /^[A-Za-z0-9._:-]{1,32}$/;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Reject extends Error {}

export function refuse(label) {
  throw new Reject(label);
}

export function refuseUnless(condition, label) {
  if (!condition) refuse(label);
}

export function attempt(act) {
  try {
    return { ok: act() };
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    return { reject: error.message };
  }
}

// --- Text --------------------------------------------------------------------------------------------------------

export const encode = (bytes) => Buffer.from(bytes).toString("base64url");

// Node's decoder skips what it does not know, so the only spelling is the one it would write itself.
export function decode(text, label, length) {
  const bytes = Buffer.from(text, "base64url");
  refuseUnless(encode(bytes) === text && (length === undefined || bytes.length === length), label);
  return bytes;
}

// --- Keys --------------------------------------------------------------------------------------------------------

export const hmac = (key, message) => createHmac("sha256", key).update(message).digest();
export const hkdf = (salt, secret, info, length = 32) => Buffer.from(hkdfSync("sha256", secret, salt, info, length));
export const edgeKey = (secret, what) => hkdf("sealgate/v1/edge", secret, what);
export const sealId = (secret) => encode(hkdf("sealgate/v1/edge", secret, "seal-id", 8));

// --- The binary form ---------------------------------------------------------------------------------------------

export class Reader {
  constructor(bytes, label) {
    Object.assign(this, { bytes, label, at: 0 });
  }

  take(count) {
    refuseUnless(count <= this.bytes.length - this.at, this.label);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  varint(bits) {
    let number = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = this.take(1);
      number |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      // A last byte of zero adds nothing, so it may only stand alone.
      refuseUnless((byte !== 0 || shift === 0n) && number >> BigInt(bits) === 0n, this.label);
      return number;
    }
    return refuse(this.label);
  }

  text(pattern) {
    // All strings are ASCII, and no other byte reads as ASCII in Latin-1.
    const text = this.take(Number(this.varint(64))).toString("latin1");
    refuseUnless(pattern.test(text), this.label);
    return text;
  }

  id(pattern) {
    const tag = this.varint(32);
    if (tag === 0n) {
      const digits = this.take(16).toString("hex");
      return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    }
    refuseUnless(tag === 1n, this.label);
    const text = this.text(pattern);
    refuseUnless(!UUID.test(text), this.label);
    return text;
  }

  end() {
    refuseUnless(this.at === this.bytes.length, this.label);
  }
}

// --- Envelopes ---------------------------------------------------------------------------------------------------

const associatedData = (purpose, edge) => Buffer.from(`${purpose}\0${edge}`);

export function openEnvelope(purpose, bytes, { edge, secret }) {
  const key = edgeKey(Buffer.from(secret, "hex"), "seal");
  refuseUnless(bytes.length >= 29 && bytes[0] === 1, "envelope");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 13));
  decipher.setAAD(associatedData(purpose, edge)).setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]);
  } catch {
    return refuse("envelope");
  }
}

export function sealEnvelope(purpose, nonce, document, { edge, secret }) {
  const cipher = createCipheriv("aes-256-gcm", edgeKey(Buffer.from(secret, "hex"), "seal"), nonce);
  cipher.setAAD(associatedData(purpose, edge));
  const ciphertext = Buffer.concat([cipher.update(document), cipher.final()]);
  return Buffer.concat([Buffer.from([1]), nonce, ciphertext, cipher.getAuthTag()]);
}
