"""What the cases are made from: the ring, an ordinary session's claims, and ways of bending a token."""

import hashlib

import sealgate_v1 as sg

NOW = 1_800_000_000_000
MINUTE = 60_000
MAX_LIFETIME = 15 * MINUTE
RING_VERSION = 7

UUID_TENANT = "0192f3a4-5b6c-7d8e-9f01-23456789abcd"
LONG_TENANT = "t" + "-0" * 31
ACTOR = "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f"


def digest(text):
    """Bytes with nothing up the sleeve."""
    return hashlib.sha256(b"sealgate test vectors: " + text.encode()).digest()


def key(kid, tenant, name, state="verifying"):
    return sg.Key(bytes.fromhex(kid), tenant, digest(name), state)


DEMO = key("0102030405060708", "demo", "key of demo")
# Every other character of this kid differs between the two alphabets of base64: -_-_-_-_-_8
# It signs no more, but a short while ago it did.
FORMER = key("fbffbffbffbffbff", "demo", "retired key of demo")
ACME = key("1112131415161718", "acme", "key of acme")
UUID_KEY = key("2122232425262728", UUID_TENANT, "key of a tenant named by a UUID")
LONG_KEY = key("3132333435363738", LONG_TENANT, "key of a tenant with a long name")
RETIRED = key("4142434445464748", "demo", "key of demo whose tokens are all dead", "retired")
REVOKED = key("5152535455565758", "demo", "revoked key of demo", "revoked")
KEYS = [DEMO, FORMER, ACME, UUID_KEY, LONG_KEY, RETIRED, REVOKED]
STRANGER = key("0102030405060709", "demo", "a key outside the ring")
RING = sg.Ring(MAX_LIFETIME, KEYS)

# Bytes that make both alphabets' characters turn up in the claims.
SESSION = "ses-" + sg.b64(bytes.fromhex("fbffbffbffbf") + digest("session")[:10])
OTHER_SESSION = "ses-" + sg.b64(digest("another session")[:16])

CLAIMS = {
    "session": SESSION,
    "tenant": "demo",
    "actor_type": "user",
    "actor_id": ACTOR,
    "issued_at_ms": NOW - MINUTE,
    "expires_at_ms": NOW - MINUTE + MAX_LIFETIME,
    "authenticated_at_ms": NOW - 61 * MINUTE,
    "generation": 3,
    "assurance": 1,
    "roles": ["admin", "reader"],
}


def claims(**changes):
    return {**CLAIMS, **changes}


def at(issued, lifetime=MAX_LIFETIME, authenticated=None):
    """The three times of a token."""
    return {
        "issued_at_ms": issued,
        "expires_at_ms": issued + lifetime,
        "authenticated_at_ms": issued if authenticated is None else authenticated,
    }


def seal(key=DEMO, subkey=None, **changes):
    """An ordinary token but for the changes, sealed as it should be."""
    return sg.seal(sg.encode_claims(claims(**changes)), key, subkey)


def seal_bent(pieces, key=DEMO, **changes):
    """A token whose claims have some pieces replaced, with a MAC that holds."""
    fields = sg.claim_fields(claims(**changes))
    unknown = set(pieces) - {name for name, _ in fields}
    assert not unknown, unknown
    return sg.seal(b"".join(pieces.get(name, piece) for name, piece in fields), key)


def seal_text(text, key=DEMO):
    """A token whose claims are that text, whatever it is, with a MAC that holds."""
    return sg.sign(f"v1.{sg.b64(key.kid)}.{text}", key.subkey("access"))


def respelled(text, alphabet):
    """`text` with its last character replaced by those that decode to the same bytes in a sloppy decoder."""
    spare_bits = {2: 4, 3: 2}[len(text) % 4]
    value = alphabet.index(text[-1])
    assert value % (1 << spare_bits) == 0
    return [text[:-1] + alphabet[value + bits] for bits in range(1, 1 << spare_bits)]


URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def flip(text, position, bit=0):
    """Another character of the same alphabet, one bit of its value away."""
    value = URL_ALPHABET.index(text[position]) ^ (1 << bit)
    return text[:position] + URL_ALPHABET[value] + text[position + 1 :]


def overlong(piece):
    """A varint with one byte more than it needs."""
    return piece[:-1] + bytes([piece[-1] | 0x80, 0])
