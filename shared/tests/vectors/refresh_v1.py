"""Refresh tokens: docs/FORMAT.md, "The refresh token", on Python's standard library alone. It shares no code with the
Rust crate, and is held to refresh.json with it."""

import hmac

import sealgate_v1 as sg

VERSION = "r1"
MAX_LENGTH = 192
CHANNELS = ["cookie", "bearer"]
# What makes the inner MAC, by the channel.
INNER = {"cookie": "refresh", "bearer": "refresh-bearer"}
OUTER = "refresh-filter"


# --- The body -----------------------------------------------------------------------------------------


def body_fields(body):
    """The pieces of the encoding in order, each with a name, so that a test can bend a single one."""
    return [
        ("session", sg.unb64(body["session"].removeprefix("ses-"))),
        ("generation", sg.varint(body["generation"])),
        ("channel", sg.varint(CHANNELS.index(body["channel"]))),
        ("idle_expires_at", sg.varint(body["idle_expires_at_ms"])),
    ]


def encode_body(body):
    return b"".join(piece for _, piece in body_fields(body))


def decode_body(data):
    reader = sg.Reader(data)
    session, generation, channel = "ses-" + sg.b64(reader.take(16)), reader.varint(32), reader.varint(32)
    if channel >= len(CHANNELS):
        raise sg.Bad("channel")
    body = {"session": session, "generation": generation, "channel": CHANNELS[channel]}
    body["idle_expires_at_ms"] = reader.varint(64)
    if body["idle_expires_at_ms"] > sg.MAX_TIME_MS:
        raise sg.Bad("time")
    # Also refuses what is left over, and integers longer than need be.
    if encode_body(body) != data:
        raise sg.Bad("not canonical")
    return body


# --- Tokens -------------------------------------------------------------------------------------------


def parse(token):
    """The steps that need no key."""
    if len(token.encode()) > MAX_LENGTH:
        raise sg.Reject("too_long")
    parts = token.split(".")
    if len(parts) != 5:
        raise sg.Reject("malformed")
    if parts[0] != VERSION:
        raise sg.Reject("unknown_version")
    try:
        kid, inner, outer = (sg.unb64_exact(parts[at], length) for at, length in [(1, 8), (3, 32), (4, 32)])
    except sg.Bad as error:
        raise sg.Reject("malformed") from error
    return {"kid": kid, "text": parts[2], "inner": inner, "outer": outer, "parts": parts}


def signed(parts, count):
    return ".".join(parts[:count]).encode()


def counts(ring, kid):
    """Whether a token under that key comes to its outer MAC at all. A retired key will do."""
    return kid in ring.keys and ring.keys[kid].state != "revoked"


def filter(token, channel, ring, tenant, now_ms):
    """What an edge does: returns the body, or raises Reject."""
    sealed = parse(token)
    key = ring.keys.get(sealed["kid"])
    if key is None:
        raise sg.Reject("unknown_kid")
    if key.state == "revoked":
        raise sg.Reject("revoked")
    if not hmac.compare_digest(sg.mac(key.subkey(OUTER), signed(sealed["parts"], 4)), sealed["outer"]):
        raise sg.Reject("bad_mac")
    try:
        body = decode_body(sg.unb64(sealed["text"]))
    except sg.Bad as error:
        raise sg.Reject("bad_claims") from error
    if key.tenant != tenant:
        raise sg.Reject("wrong_tenant")
    if body["channel"] != channel:
        raise sg.Reject("bad_mac")
    if now_ms >= body["idle_expires_at_ms"]:
        raise sg.Reject("expired")
    return body


def prove(token, ring):
    """What the origin does besides, with a token that has passed the filter: raises Reject unless it made the token."""
    sealed = parse(token)
    key, body = ring.keys[sealed["kid"]], decode_body(sg.unb64(sealed["text"]))
    if not hmac.compare_digest(sg.mac(key.subkey(INNER[body["channel"]]), signed(sealed["parts"], 3)), sealed["inner"]):
        raise sg.Reject("bad_mac")


def select(header, ring, tenant, now_ms):
    """The several-cookies rule: returns the body, or raises Reject (`missing` when there is no cookie)."""
    good, rejects, macs = [], [], 0
    for value in sg.values_of(header, "__Host-sg_refresh"):
        try:
            if counts(ring, parse(value)["kid"]):
                if macs == sg.MAX_MACS:
                    break
                macs += 1
            good.append(filter(value, "cookie", ring, tenant, now_ms))
        except sg.Reject as reject:
            rejects.append(str(reject))
    if len({body["session"] for body in good}) > 1:
        raise sg.Reject("ambiguous_session")
    if good:
        return max(good, key=lambda body: body["generation"])
    raise sg.Reject(rejects[0] if rejects else "missing")


# --- Making them --------------------------------------------------------------------------------------


def seal(data, key, inner="refresh", outer=OUTER):
    """Signs the bytes of a body. `inner` and `outer` are purposes, or the subkeys themselves."""
    return sign(f"{VERSION}.{sg.b64(key.kid)}.{sg.b64(data)}", key, inner, outer)


def sign(text, key, inner="refresh", outer=OUTER):
    """Adds both MACs to a text, whatever it is."""
    subkeys = [key.subkey(one) if isinstance(one, str) else one for one in (inner, outer)]
    return sg.sign(sg.sign(text, subkeys[0]), subkeys[1])
