"""A second implementation of sealgate's formats, version 1, on Python's standard library alone.

It implements docs/FORMAT.md, shares no code with the Rust crate, and is here to keep that page honest: both
must agree on every case of v1.json. It is meant for tests, and wipes no memory.
"""

import base64
import hashlib
import hmac
import re

import aes_gcm

MAX_LENGTH = 1024
LEEWAY_MS = 5_000
MAX_TIME_MS = 253_402_300_799_999
MAX_ROLES = 16
MAX_MACS = 4

PURPOSES = ["access", "bearer", "csrf", "refresh-filter", "refresh", "refresh-bearer", "pre-login"]
# What a key ring holds of a key, by the tag of its state.
STATES = ["verifying", "retired", "revoked"]
PUBLISHED = {
    "verifying": ["access", "bearer", "csrf", "refresh-filter"],
    "retired": ["csrf", "refresh-filter"],
    "revoked": [],
}
# Why a token is refused whose key makes no MAC any more.
REFUSED_UNREAD = {"retired": "expired", "revoked": "revoked"}

KEY_SALT = b"sealgate/v1/signing-key"
EDGE_SALT = b"sealgate/v1/edge"
KEYRING_PURPOSE = b"sealgate/v1/keyring"

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
ACTOR_TYPE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
ACTOR_ID = re.compile(r"[!-~]{1,128}")
ROLE = re.compile(r"[A-Za-z0-9._:-]{1,32}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Reject(Exception):
    """A refused token; the argument is the label."""


class Bad(Exception):
    """Bytes that are not in canonical form."""


# --- Text ---------------------------------------------------------------------------------------------


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    """Strict: Python's own decoder skips foreign characters and ignores trailing bits."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Bad("alphabet or length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text:
        raise Bad("trailing bits")
    return data


def unb64_exact(text, length):
    data = unb64(text)
    if len(data) != length:
        raise Bad("length")
    return data


# --- Keys ---------------------------------------------------------------------------------------------


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(salt, secret, info, length=32):
    """HKDF-SHA256 (RFC 5869)."""
    pseudorandom, block, output = mac(salt, secret), b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = mac(pseudorandom, block + info + bytes([counter]))
        output += block
    return output[:length]


def subkey(signing_key, purpose, tenant):
    return hkdf(KEY_SALT, signing_key, purpose.encode() + b"\0" + tenant.encode())


def csrf_token(signing_key, tenant, session):
    return b64(mac(subkey(signing_key, "csrf", tenant), session)[:16])


def edge_key(secret, what):
    return hkdf(EDGE_SALT, secret, what.encode())


def seal_id(secret):
    return b64(hkdf(EDGE_SALT, secret, b"seal-id", 8))


def credential(secret, edge):
    return edge + "." + b64(edge_key(secret, "auth"))


class Key:
    """A key of the ring, with the tenant it belongs to and what it may still do."""

    def __init__(self, kid, tenant, signing_key, state="verifying"):
        self.kid, self.tenant, self.signing_key, self.state = kid, tenant, signing_key, state

    def subkey(self, purpose):
        return subkey(self.signing_key, purpose, self.tenant)


class Ring:
    def __init__(self, max_lifetime_ms, keys):
        self.max_lifetime_ms = max_lifetime_ms
        self.keys = {key.kid: key for key in keys}

    def verifies(self, kid):
        return kid in self.keys and self.keys[kid].state == "verifying"


# --- postcard -----------------------------------------------------------------------------------------


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Bad("truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self, bits):
        number, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if number >= 1 << bits:
            raise Bad("number too large")
        return number

    def text(self, pattern):
        try:
            text = self.take(self.varint(64)).decode()
        except UnicodeDecodeError as error:
            raise Bad("UTF-8") from error
        if not pattern.fullmatch(text):
            raise Bad("characters or length")
        return text

    def id(self, pattern):
        tag = self.varint(32)
        if tag == 0:
            digits = self.take(16).hex()
            return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])
        if tag == 1:
            return self.text(pattern)
        raise Bad("tag")


# --- Claims -------------------------------------------------------------------------------------------


def text_fields(name, text):
    return [(name + ".length", varint(len(text.encode()))), (name + ".text", text.encode())]


def id_fields(name, text):
    if UUID.fullmatch(text):
        return [(name + ".tag", b"\0"), (name + ".uuid", bytes.fromhex(text.replace("-", "")))]
    return [(name + ".tag", b"\1")] + text_fields(name, text)


def claim_fields(claims):
    """The pieces of the encoding in order, each with a name, so that a test can bend a single one."""
    roles = claims["roles"]
    fields = [("session", unb64(claims["session"].removeprefix("ses-")))]
    fields += id_fields("tenant", claims["tenant"])
    fields += text_fields("actor_type", claims["actor_type"])
    fields += id_fields("actor_id", claims["actor_id"])
    fields += [
        ("issued_at", varint(claims["issued_at_ms"])),
        ("lifetime", varint(claims["expires_at_ms"] - claims["issued_at_ms"])),
        ("authenticated_before", varint(claims["issued_at_ms"] - claims["authenticated_at_ms"])),
        ("generation", varint(claims["generation"])),
        ("assurance", bytes([claims["assurance"]])),
        ("roles.count", varint(len(roles))),
    ]
    for position, role in enumerate(roles):
        fields += text_fields(f"roles.{position}", role)
    return fields


def encode_claims(claims):
    return b"".join(piece for _, piece in claim_fields(claims))


def decode_claims(data):
    reader = Reader(data)
    claims = {
        "session": "ses-" + b64(reader.take(16)),
        "tenant": reader.id(SLUG),
        "actor_type": reader.text(ACTOR_TYPE),
        "actor_id": reader.id(ACTOR_ID),
    }
    issued = reader.varint(64)
    claims["issued_at_ms"] = issued
    claims["expires_at_ms"] = issued + reader.varint(64)
    claims["authenticated_at_ms"] = issued - reader.varint(64)
    claims["generation"] = reader.varint(32)
    claims["assurance"] = reader.take(1)[0]
    count = reader.varint(64)
    if count > MAX_ROLES:
        raise Bad("too many roles")
    claims["roles"] = [reader.text(ROLE) for _ in range(count)]
    if claims["expires_at_ms"] > MAX_TIME_MS or claims["authenticated_at_ms"] < 0:
        raise Bad("times")
    if any(one >= next for one, next in zip(claims["roles"], claims["roles"][1:])):
        raise Bad("roles not sorted and unique")
    # Also refuses what is left over, integers longer than need be, and a UUID written as text.
    if encode_claims(claims) != data:
        raise Bad("not canonical")
    return claims


# --- Tokens -------------------------------------------------------------------------------------------


def parse(token):
    """The steps that need no key: what the MAC covers, the key id, the claims' text, the MAC."""
    if len(token.encode()) > MAX_LENGTH:
        raise Reject("too_long")
    parts = token.split(".")
    if len(parts) != 4:
        raise Reject("malformed")
    if parts[0] != "v1":
        raise Reject("unknown_version")
    try:
        kid, given = unb64_exact(parts[1], 8), unb64_exact(parts[3], 32)
    except Bad as error:
        raise Reject("malformed") from error
    return token.rpartition(".")[0].encode(), kid, parts[2], given


def verify(token, kind, ring, tenant, now_ms):
    """Returns the claims, or raises Reject. `kind` is access or bearer: where the token was found."""
    signed, kid, text, given = parse(token)
    key = ring.keys.get(kid)
    if key is None:
        raise Reject("unknown_kid")
    if key.state in REFUSED_UNREAD:
        raise Reject(REFUSED_UNREAD[key.state])
    if not hmac.compare_digest(mac(key.subkey(kind), signed), given):
        raise Reject("bad_mac")
    try:
        claims = decode_claims(unb64(text))
    except Bad as error:
        raise Reject("bad_claims") from error
    if claims["tenant"] != tenant or key.tenant != tenant:
        raise Reject("wrong_tenant")
    if claims["expires_at_ms"] - claims["issued_at_ms"] > ring.max_lifetime_ms:
        raise Reject("lifetime_too_long")
    if claims["issued_at_ms"] > now_ms + LEEWAY_MS:
        raise Reject("issued_in_future")
    if now_ms >= claims["expires_at_ms"]:
        raise Reject("expired")
    return claims


def seal(data, key, subkey_=None):
    """Signs the bytes of claims."""
    signed = f"v1.{b64(key.kid)}.{b64(data)}"
    return sign(signed, subkey_ or key.subkey("access"))


def sign(signed, subkey_):
    return signed + "." + b64(mac(subkey_, signed.encode()))


# --- Cookies ------------------------------------------------------------------------------------------


def values_of(header, name):
    for pair in header.split(";"):
        before, equals, after = pair.partition("=")
        if equals and before.strip(" \t") == name:
            yield after.strip(" \t")


def select(header, ring, tenant, now_ms):
    """The several-cookies rule: returns the claims, or raises Reject (`missing` when there is no cookie)."""
    good, rejects, macs = [], [], 0
    for value in values_of(header, "__Host-sg"):
        try:
            if ring.verifies(parse(value)[1]):
                if macs == MAX_MACS:
                    break
                macs += 1
            good.append(verify(value, "access", ring, tenant, now_ms))
        except Reject as reject:
            rejects.append(str(reject))
    if len({claims["session"] for claims in good}) > 1:
        raise Reject("ambiguous_session")
    if good:
        return max(good, key=lambda claims: claims["generation"])
    if "expired" in rejects:
        raise Reject("expired")
    raise Reject(rejects[0] if rejects else "missing")


# --- Envelopes ----------------------------------------------------------------------------------------


def associated_data(edge, purpose=KEYRING_PURPOSE):
    return purpose + b"\0" + edge.encode()


def seal_envelope(document, edge, secret, nonce, purpose=KEYRING_PURPOSE):
    aad = associated_data(edge, purpose)
    return b"\1" + nonce + aes_gcm.encrypt(edge_key(secret, "seal"), nonce, document, aad)


def open_envelope(sealed, edge, secret, purpose=KEYRING_PURPOSE):
    """Returns the document, or raises Reject with envelope."""
    if len(sealed) < 13 or sealed[0] != 1:
        raise Reject("envelope")
    aad = associated_data(edge, purpose)
    document = aes_gcm.decrypt(edge_key(secret, "seal"), sealed[1:13], sealed[13:], aad)
    if document is None:
        raise Reject("envelope")
    return document


# --- The keyring document -----------------------------------------------------------------------------


def encode_keyring(keyring):
    out = varint(keyring["version"]) + varint(keyring["max_lifetime_ms"]) + varint(len(keyring["keys"]))
    for key in keyring["keys"]:
        out += unb64(key["id"].removeprefix("sk-")) + varint(len(key["tenant"])) + key["tenant"].encode()
        out += varint(STATES.index(key["state"]))
        out += b"".join(bytes.fromhex(key[purpose]) for purpose in PUBLISHED[key["state"]])
    return out


def decode_keyring(data):
    reader = Reader(data)
    keyring = {"version": reader.varint(64), "max_lifetime_ms": reader.varint(64), "keys": []}
    for _ in range(reader.varint(64)):
        key = {"id": "sk-" + b64(reader.take(8)), "tenant": reader.text(SLUG)}
        tag = reader.varint(32)
        if tag >= len(STATES):
            raise Bad("state")
        key["state"] = STATES[tag]
        key.update((purpose, reader.take(32).hex()) for purpose in PUBLISHED[key["state"]])
        keyring["keys"].append(key)
    if encode_keyring(keyring) != data:
        raise Bad("not canonical")
    return keyring


def open_keyring(sealed, edge, secret):
    """Returns the keyring, or raises Reject with envelope, content or duplicate_key."""
    document = open_envelope(sealed, edge, secret)
    try:
        keyring = decode_keyring(document)
    except Bad as error:
        raise Reject("content") from error
    if len({key["id"] for key in keyring["keys"]}) < len(keyring["keys"]):
        raise Reject("duplicate_key")
    return keyring
