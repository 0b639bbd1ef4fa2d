// The feed of docs/FORMAT.md: heads, snapshots, and the set that is kept of them. What is not canonical is refused
// while reading. The set asks whether anything would be hit that it holds, one kind after the other.
import {
  ACTOR_ID,
  ACTOR_TYPE,
  MAX_TIME_MS,
  Reader,
  SLUG,
  encode,
  openEnvelope,
  refuse,
  refuseUnless,
  sealEnvelope,
} from "./primitives.mjs";

const HEAD = "sealgate/v1/feed/head";
const SNAPSHOT = "sealgate/v1/feed/snapshot";
const MAX_ENVELOPE = 524288;
const MAX_SECONDS = 253402300800n;

// --- Entries -----------------------------------------------------------------------------------------------------

const readSession = (reader) => `ses-${encode(reader.take(16))}`;

function readFlag(reader) {
  const [flag] = reader.take(1);
  refuseUnless(flag <= 1, "content");
  return flag === 1;
}

function readMoment(reader) {
  const moment = reader.varint(64);
  refuseUnless(moment <= MAX_TIME_MS, "content");
  return moment;
}

const KINDS = [
  (reader) => ({ kind: "session", session: readSession(reader) }),
  (reader) => ({
    kind: "actor",
    tenant: reader.text(SLUG),
    actor_type: reader.text(ACTOR_TYPE),
    actor_id: reader.text(ACTOR_ID),
    except: readFlag(reader) ? readSession(reader) : null,
    issued_before_ms: readMoment(reader),
  }),
  (reader) => ({ kind: "tenant", tenant: reader.text(SLUG), issued_before_ms: readMoment(reader) }),
  (reader) => ({ kind: "key", key: `sk-${encode(reader.take(8))}` }),
];

function readEntries(reader) {
  const [base, entries] = [reader.varint(64), []];
  let isFirstThere = base === 0n;
  for (let count = reader.varint(64); count > 0n; count -= 1n) {
    const after = reader.varint(64);
    refuseUnless(base + after <= MAX_SECONDS, "content");
    isFirstThere = (isFirstThere && entries.length > 0) || after === 0n;
    const read = KINDS[reader.varint(32)] ?? refuse("content");
    const expires = (base + after) * 1000n;
    entries.push({ ...read(reader), expires_at_ms: expires > MAX_TIME_MS ? MAX_TIME_MS : expires });
  }
  refuseUnless(isFirstThere, "content");
  return entries;
}

const readPosition = (reader) => ({ epoch: reader.varint(64), sequence: reader.varint(64) });

// --- Heads -------------------------------------------------------------------------------------------------------

function readHead(reader) {
  const text = reader.take(Number(reader.varint(64)));
  const head = { position: readPosition(reader), after: reader.varint(64), keyring: reader.varint(64) };
  Object.assign(head, { snapshot: reader.varint(64), entries: readEntries(reader) });
  reader.end();
  refuseUnless(head.after <= head.position.sequence, "content");
  try {
    head.challenge = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    refuse("content");
  }
  return head;
}

export function openHead(test) {
  return readHead(new Reader(openEnvelope(HEAD, Buffer.from(test.sealed, "hex"), test), "content"));
}

export function sealHeadAgain(test) {
  const sealed = Buffer.from(test.sealed, "hex");
  return sealEnvelope(HEAD, sealed.subarray(1, 13), openEnvelope(HEAD, sealed, test), test).toString("hex");
}

// --- Snapshots ---------------------------------------------------------------------------------------------------

function readPart(reader) {
  const part = { position: readPosition(reader), making: encode(reader.take(8)), index: reader.varint(32) };
  part.isLast = readFlag(reader);
  reader.varint(64); // how many entries there will be: a hint
  part.entries = readEntries(reader);
  reader.end();
  return part;
}

const isSame = (one, other) => compare(one, other) === 0;

export function readSnapshot(test) {
  const [parts, stream] = [[], Buffer.from(test.bytes, "hex")];
  let at = 0;
  while (parts.at(-1)?.isLast !== true) {
    if (stream.length - at < 4) refuse("incomplete");
    const length = stream.readUInt32BE(at);
    refuseUnless(length <= MAX_ENVELOPE, "content");
    if (stream.length - at - 4 < length) refuse("incomplete");
    const envelope = stream.subarray(at + 4, at + 4 + length);
    const part = readPart(new Reader(openEnvelope(SNAPSHOT, envelope, test), "content"));
    const belongs = isSame(part.position, test.position) && part.making === (parts[0] ?? part).making;
    refuseUnless(belongs && part.index === BigInt(parts.length), "sequence");
    parts.push(part);
    at += 4 + length;
  }
  refuseUnless(at === stream.length, "content");
  return parts.flatMap((part) => part.entries);
}

// --- The set -----------------------------------------------------------------------------------------------------

const NOWHERE = { epoch: 0, sequence: 0 };

function compare(one, other) {
  const of = (position) => [BigInt(position.epoch), BigInt(position.sequence)];
  const [[epoch, sequence], [otherEpoch, otherSequence]] = [of(one), of(other)];
  const [a, b] = epoch === otherEpoch ? [sequence, otherSequence] : [epoch, otherEpoch];
  return a < b ? -1 : Number(a > b);
}

const later = (one, other) => (compare(one, other) < 0 ? other : one);

export class RevocationSet {
  constructor() {
    Object.assign(this, { entries: [], position: NOWHERE, after: 0, ahead: null });
  }

  standing() {
    return this.position.epoch > 0 ? this.position : null;
  }

  takeHead({ position, after, entries }) {
    if (compare(position, later(this.position, this.ahead ?? NOWHERE)) < 0) return "older";
    this.entries.push(...entries);
    if (after === 0 || (position.epoch === this.position.epoch && after <= this.position.sequence)) {
      Object.assign(this, { position, ahead: null });
      return "complete";
    }
    const joins = this.ahead?.epoch === position.epoch && after <= this.ahead.sequence;
    Object.assign(this, { after: joins ? Math.min(after, this.after) : after, ahead: position });
    return "gap";
  }

  takeSnapshot({ position, entries }) {
    this.entries.push(...entries);
    this.position = later(this.position, position);
    if (this.ahead === null) return "complete";
    const reaches = position.epoch === this.ahead.epoch && position.sequence >= this.after;
    if (!reaches && compare(position, this.ahead) < 0) return "gap";
    Object.assign(this, { position: later(this.position, this.ahead), ahead: null });
    return "complete";
  }

  hits(token) {
    const is = (...names) => (entry) => names.every((name) => entry[name] === token[name]);
    const isBefore = (entry) => token.issued_at_ms < entry.issued_before_ms;
    const of = (kind) => this.entries.filter((entry) => entry.kind === kind);
    const isActor = is("tenant", "actor_type", "actor_id");
    return (
      of("session").some(is("session")) ||
      of("key").some(is("key")) ||
      of("tenant").filter(is("tenant")).some(isBefore) ||
      of("actor").filter(isActor).filter(isBefore).some((entry) => entry.except !== token.session)
    );
  }
}
