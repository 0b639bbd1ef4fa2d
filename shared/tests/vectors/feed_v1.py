"""The feed of sealgate's formats, version 1: the two documents, and the set that an edge keeps of them.

As sealgate_v1.py, this implements docs/FORMAT.md and shares no code with the Rust crate. The set is a list of what was
revoked, looked through entry by entry: whoever keeps it in another way must come to the same.
"""

import sealgate_v1 as sg

HEAD_PURPOSE = b"sealgate/v1/feed/head"
SNAPSHOT_PURPOSE = b"sealgate/v1/feed/snapshot"
MAX_ENVELOPE = 524_288
MAX_SECONDS = 253_402_300_800
KINDS = ["session", "actor", "tenant", "key"]


# --- Positions ----------------------------------------------------------------------------------------


def place(position):
    """As Python compares it."""
    return position["epoch"], position["sequence"]


def position_fields(position):
    return [(f"position.{name}", sg.varint(position[name])) for name in ("epoch", "sequence")]


def read_position(reader):
    return {"epoch": reader.varint(64), "sequence": reader.varint(64)}


# --- Entries ------------------------------------------------------------------------------------------


def session_bytes(session):
    return sg.unb64(session.removeprefix("ses-"))


def seconds(entry):
    """When the entry expires, rounded up."""
    return -(-entry["expires_at_ms"] // 1_000)


def revoked_fields(entry):
    """The pieces of what an entry hits, in order and with names."""
    kind = entry["kind"]
    fields = [("kind", sg.varint(KINDS.index(kind)))]
    if kind == "session":
        fields.append(("session", session_bytes(entry["session"])))
    if kind == "key":
        fields.append(("key", sg.unb64(entry["key"].removeprefix("sk-"))))
    if kind in ("actor", "tenant"):
        fields += sg.text_fields("tenant", entry["tenant"])
    if kind == "actor":
        fields += sg.text_fields("actor_type", entry["actor_type"])
        fields += sg.text_fields("actor_id", entry["actor_id"])
        spared = entry["except"]
        fields.append(("except.there", b"\0" if spared is None else b"\1"))
        if spared is not None:
            fields.append(("except.session", session_bytes(spared)))
    if kind in ("actor", "tenant"):
        fields.append(("issued_before", sg.varint(entry["issued_before_ms"])))
    return fields


def entries_fields(entries):
    base = min(map(seconds, entries), default=0)
    fields = [("base", sg.varint(base)), ("entries.count", sg.varint(len(entries)))]
    for position, entry in enumerate(entries):
        pieces = [("expires_after", sg.varint(seconds(entry) - base)), *revoked_fields(entry)]
        fields += [(f"entries.{position}.{name}", piece) for name, piece in pieces]
    return fields


def read_moment(reader):
    moment = reader.varint(64)
    if moment > sg.MAX_TIME_MS:
        raise sg.Bad("moment")
    return moment


def read_entry(reader, base):
    expires = base + reader.varint(64)
    if expires > MAX_SECONDS:
        raise sg.Bad("expiry")
    kind = reader.varint(32)
    if kind >= len(KINDS):
        raise sg.Bad("kind")
    entry = {"kind": KINDS[kind]}
    if entry["kind"] == "session":
        entry["session"] = "ses-" + sg.b64(reader.take(16))
    elif entry["kind"] == "key":
        entry["key"] = "sk-" + sg.b64(reader.take(8))
    else:
        entry["tenant"] = reader.text(sg.SLUG)
        if entry["kind"] == "actor":
            entry["actor_type"] = reader.text(sg.ACTOR_TYPE)
            entry["actor_id"] = reader.text(sg.ACTOR_ID)
            entry["except"] = "ses-" + sg.b64(reader.take(16)) if read_flag(reader) else None
        entry["issued_before_ms"] = read_moment(reader)
    return {**entry, "expires_at_ms": min(expires * 1_000, sg.MAX_TIME_MS)}


def read_flag(reader):
    flag = reader.take(1)[0]
    if flag > 1:
        raise sg.Bad("neither 0 nor 1")
    return flag == 1


def read_entries(reader):
    base = reader.varint(64)
    return [read_entry(reader, base) for _ in range(reader.varint(64))]


def joined(fields):
    return b"".join(piece for _, piece in fields)


# --- The head -----------------------------------------------------------------------------------------


def head_fields(head):
    fields = sg.text_fields("challenge", head["challenge"]) + position_fields(head["position"])
    fields += [(name, sg.varint(head[name])) for name in ("after", "keyring", "snapshot")]
    return fields + entries_fields(head["entries"])


def decode_head(data):
    reader = sg.Reader(data)
    try:
        challenge = reader.take(reader.varint(64)).decode()
    except UnicodeDecodeError as error:
        raise sg.Bad("UTF-8") from error
    head = {"challenge": challenge, "position": read_position(reader)}
    head.update((name, reader.varint(64)) for name in ("after", "keyring", "snapshot"))
    head["entries"] = read_entries(reader)
    if head["after"] > head["position"]["sequence"]:
        raise sg.Bad("after")
    if joined(head_fields(head)) != data:
        raise sg.Bad("not canonical")
    return head


def seal_head(data, edge, secret, nonce):
    return sg.seal_envelope(data, edge, secret, nonce, HEAD_PURPOSE)


def open_head(sealed, edge, secret):
    """Returns the head, or raises Reject with envelope or content."""
    document = sg.open_envelope(sealed, edge, secret, HEAD_PURPOSE)
    try:
        return decode_head(document)
    except sg.Bad as error:
        raise sg.Reject("content") from error


# --- Snapshots ----------------------------------------------------------------------------------------


def chunk_fields(chunk):
    fields = position_fields(chunk["position"])
    fields += [("making", chunk["making"]), ("index", sg.varint(chunk["index"]))]
    fields += [("is_last", bytes([chunk["is_last"]])), ("total", sg.varint(chunk["total"]))]
    return fields + entries_fields(chunk["entries"])


def decode_chunk(data):
    reader = sg.Reader(data)
    chunk = {"position": read_position(reader), "making": reader.take(8)}
    chunk.update(index=reader.varint(32), is_last=read_flag(reader), total=reader.varint(64))
    chunk["entries"] = read_entries(reader)
    if joined(chunk_fields(chunk)) != data:
        raise sg.Bad("not canonical")
    return chunk


def seal_chunk(data, edge, secret, nonce):
    envelope = sg.seal_envelope(data, edge, secret, nonce, SNAPSHOT_PURPOSE)
    return len(envelope).to_bytes(4, "big") + envelope


def read_snapshot(data, position, edge, secret):
    """Returns the entries, or raises Reject with envelope, content, sequence or incomplete."""
    entries, making, index, is_done = [], None, 0, False
    while data:
        length = int.from_bytes(data[:4], "big")
        if is_done or (len(data) >= 4 and length > MAX_ENVELOPE):
            raise sg.Reject("content")
        if len(data) < 4 + length or len(data) < 4:
            break
        document = sg.open_envelope(data[4 : 4 + length], edge, secret, SNAPSHOT_PURPOSE)
        data = data[4 + length :]
        try:
            chunk = decode_chunk(document)
        except sg.Bad as error:
            raise sg.Reject("content") from error
        if chunk["position"] != position or chunk["index"] != index or making not in (None, chunk["making"]):
            raise sg.Reject("sequence")
        making, index, is_done = chunk["making"], index + 1, chunk["is_last"]
        entries += chunk["entries"]
    if not is_done:
        raise sg.Reject("incomplete")
    return entries


# --- The set ------------------------------------------------------------------------------------------


class RevocationSet:
    def __init__(self):
        self.entries, self.position, self.ahead = [], (0, 0), None

    def newest(self):
        return max(self.position, self.ahead[1]) if self.ahead else self.position

    def take_head(self, head):
        position, after = place(head["position"]), head["after"]
        if position < self.newest():
            return "older"
        self.entries += head["entries"]
        epoch, sequence = self.position
        if after == 0 or (epoch == position[0] and after <= sequence):
            self.position, self.ahead = position, None
            return "complete"
        if self.ahead and self.ahead[1][0] == position[0] and after <= self.ahead[1][1]:
            after = min(after, self.ahead[0])
        self.ahead = (after, position)
        return "gap"

    def take_snapshot(self, snapshot):
        position = place(snapshot["position"])
        self.entries += snapshot["entries"]
        self.position = max(self.position, position)
        if self.ahead is None:
            return "complete"
        after, ahead = self.ahead
        if position < ahead and (position[0] != ahead[0] or position[1] < after):
            return "gap"
        self.position, self.ahead = max(self.position, ahead), None
        return "complete"

    def hits(self, token):
        return any(is_hit(entry, token) for entry in self.entries)


def is_hit(entry, token):
    kind = entry["kind"]
    if kind in ("session", "key"):
        return entry[kind] == token[kind]
    if entry["tenant"] != token["tenant"] or token["issued_at_ms"] >= entry["issued_before_ms"]:
        return False
    of_actor = all(entry.get(name) == token[name] for name in ("actor_type", "actor_id"))
    return kind == "tenant" or (of_actor and entry["except"] != token["session"])
