"""The cases that are no tokens: several cookies, subkeys, CSRF tokens, edges, keyring documents."""

import sealgate_v1 as sg
from fixtures import *

EDGE, EDGE_SECRET = "edge-1", digest("secret of an edge")
NONCE = digest("nonce")[:12]


def cookie_headers():
    cases = []
    good, next_one = seal(), seal(generation=4, issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)
    other = seal(session=OTHER_SESSION)
    dead = seal(**at(NOW - MAX_LIFETIME))
    forged = good[:-43] + "A" * 43
    stranger, foreign = seal(STRANGER), seal(ACME, tenant="acme")
    first, second = claims(), claims(generation=4, issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)

    def add(name, why, header, expect, tenant="demo"):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "header": header, "tenant": tenant, "now_ms": NOW}
        cases.append({**case, "expect": expect})

    def ours(*values):
        return "; ".join(f"__Host-sg={value}" for value in values)

    add("none", "no cookies", "", "missing")
    add("none-of-ours", "cookies of others", "theme=dark; cart=1", "missing")
    add("csrf-alone", "another cookie of ours", f"__Host-sg_csrf={good}", "missing")
    add("name-letter-case", "names are compared byte for byte", f"__host-sg={good}", "missing")
    add("name-quoted", "names are compared byte for byte", f'"__Host-sg"={good}', "missing")
    add("name-without-prefix", "the names of development are not read", f"sg={good}", "missing")
    add("name-without-value", "a pair without = has no name", "__Host-sg", "missing")
    add("name-inside-a-value", "split at the first =", f"a=__Host-sg={good}", "missing")
    add("value-empty", "there, but empty", "__Host-sg=", "malformed")
    add("value-quoted", "quotes belong to the value", f'__Host-sg="{good}"', "unknown_version")
    add("value-with-equals", "the value begins after the first =", f"__Host-sg=={good}", "unknown_version")
    add("one", "our cookie alone", ours(good), first)
    add("one-among-others", "spaces, tabs and empty pairs", f"a=1;;\t__Host-sg \t= {good}\t;  b=2; flag", first)
    add("bearer-token", "a bearer token does not pass in a cookie", ours(seal(subkey=DEMO.subkey("bearer"))), "bad_mac")
    add("junk-first", "what else is there does not matter beside a good one", ours("junk", good), first)
    add("junk-last", "what else is there does not matter beside a good one", ours(good, "junk"), first)
    add("forged-first", "a forged one beside a good one", ours(forged, good), first)
    add("expired-beside-good", "an expired one beside a good one", ours(dead, good), first)
    add("other-tenant-beside-good", "another tenant's beside a good one", ours(foreign, good), first)
    add("two-generations", "the highest generation of one session", ours(good, next_one), second)
    add("two-generations-swapped", "in whichever order they come", ours(next_one, good), second)
    add("same-twice", "one token twice is one session", ours(good, good), first)
    add("two-sessions", "nobody can say which is meant", ours(good, other), "ambiguous_session")
    add("two-sessions-junk-between", "nobody can say which is meant", ours(other, "junk", good), "ambiguous_session")
    add("two-sessions-of-three", "a third does not settle it", ours(good, other, next_one), "ambiguous_session")
    dead_other = seal(session=OTHER_SESSION, **at(NOW - MAX_LIFETIME))
    add("two-sessions-one-expired", "only good ones count", ours(dead_other, good), first)
    add("expired", "expired alone", ours(dead), "expired")
    add("expired-after-junk", "expired says more than malformed", ours("junk", forged, dead), "expired")
    add("first-reason-malformed", "the reason of the first", ours("junk", forged, stranger), "malformed")
    add("first-reason-unknown-kid", "the reason of the first", ours(stranger, forged), "unknown_kid")
    add("three-macs-before-good", "the fourth MAC is computed", ours(*[forged] * 3, good), first)
    add("four-macs-before-good", "the fifth is not", ours(*[forged] * 4, good), "bad_mac")
    add("four-macs-before-another-session", "nor looked at for what it says", ours(good, *[forged] * 3, other), first)
    add(
        "no-mac-no-count", "what needs no MAC is not counted", ours(*["junk", stranger] * 3, *[forged] * 3, good), first
    )
    add("count-ends-the-search", "after the fifth nothing is looked at", ours(*[forged] * 5, "junk", good), "bad_mac")
    return cases


def subkeys():
    return [
        {"kid": sg.b64(key.kid), "tenant": key.tenant, "purpose": purpose, "subkey": key.subkey(purpose).hex()}
        for key in KEYS
        for purpose in sg.PURPOSES
    ]


def csrf_tokens():
    return [
        {
            "kid": sg.b64(key.kid),
            "session": session,
            "token": sg.csrf_token(key.signing_key, key.tenant, sg.unb64(session.removeprefix("ses-"))),
        }
        for key in KEYS
        for session in (SESSION, OTHER_SESSION)
    ]


def edges():
    return [
        {
            "edge": edge,
            "secret": secret.hex(),
            "auth": sg.edge_key(secret, "auth").hex(),
            "seal": sg.edge_key(secret, "seal").hex(),
            "credential": sg.credential(secret, edge),
        }
        for edge, secret in [(EDGE, EDGE_SECRET), ("e" * 63, bytes(32))]
    ]


def published(key):
    subkeys_ = {purpose: key.subkey(purpose).hex() for purpose in sg.PUBLISHED}
    return {"id": "sk-" + sg.b64(key.kid), "tenant": key.tenant, **subkeys_}


def keyring_documents():
    cases = []
    keyring = {"version": RING_VERSION, "max_lifetime_ms": MAX_LIFETIME, "keys": [published(DEMO), published(ACME)]}
    document = sg.encode_keyring(keyring)
    good = sg.seal_envelope(document, EDGE, EDGE_SECRET, NONCE)

    def add(name, why, sealed, expect, edge=EDGE, secret=EDGE_SECRET):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "edge": edge, "secret": secret.hex(), "sealed": sealed.hex()}
        cases.append({**case, "expect": expect})

    def sealed(name, why, content, expect="content"):
        add(name, why, sg.seal_envelope(content, EDGE, EDGE_SECRET, NONCE), expect)

    def bent(position):
        return good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :]

    add("good", "two keys of two tenants", good, keyring)
    nothing = {"version": 2**64 - 1, "max_lifetime_ms": 0, "keys": []}
    sealed("no-keys", "an edge whose tenants have no keys yet", sg.encode_keyring(nothing), nothing)

    add("other-edge", "sealed to an edge of another name", good, "envelope", edge="edge-2")
    add("other-secret", "sealed under another secret", good, "envelope", secret=digest("another secret"))
    key = sg.edge_key(EDGE_SECRET, "seal")
    for name, why, aad in [
        ("other-purpose", "another kind of document", b"sealgate/v1/feed\0" + EDGE.encode()),
        ("no-separator", "the zero byte is missing", sg.KEYRING_PURPOSE + EDGE.encode()),
        ("no-associated-data", "bound to nothing", b""),
    ]:
        add(name, why, b"\1" + NONCE + sg.aes_gcm.encrypt(key, NONCE, document, aad), "envelope")
    aad = sg.associated_data(EDGE)
    for name, why, wrong in [
        ("under-auth", "sealed with the key that is sent", sg.edge_key(EDGE_SECRET, "auth")),
        ("under-the-secret", "sealed with the secret itself", EDGE_SECRET),
    ]:
        add(name, why, b"\1" + NONCE + sg.aes_gcm.encrypt(wrong, NONCE, document, aad), "envelope")
    add("version-0", "an unknown version", b"\0" + good[1:], "envelope")
    add("version-2", "an unknown version", b"\2" + good[1:], "envelope")
    add("bent-nonce", "one bit of the nonce", bent(1), "envelope")
    add("bent-document", "one bit of the ciphertext", bent(20), "envelope")
    add("bent-tag", "one bit of the tag", bent(len(good) - 1), "envelope")
    for length in [0, 1, 12, 13, 28, 29, len(good) - 1]:
        add(f"cut-to-{length}", f"{length} bytes of {len(good)}", good[:length], "envelope")
    add("extended", "one byte more", good + b"\0", "envelope")

    sealed("empty-document", "opens, but holds nothing", b"")
    sealed("trailing-byte", "opens, but a byte is left over", document + b"\0")
    sealed("document-cut", "opens, but a byte is missing", document[:-1])
    sealed("overlong-version", "an integer one byte longer than it need be", overlong(document[:1]) + document[1:])
    count = len(sg.varint(RING_VERSION) + sg.varint(MAX_LIFETIME))
    sealed("one-key-short", "announces three keys, holds two", document[:count] + b"\3" + document[count + 1 :])
    sealed("one-key-over", "announces one key, holds two", document[:count] + b"\1" + document[count + 1 :])
    sealed("tenant-upper-case", "a tenant that cannot be", document.replace(b"demo", b"Demo"))
    twice = {**keyring, "keys": [published(DEMO), {**published(ACME), "id": published(DEMO)["id"]}]}
    sealed("duplicate-key", "two keys of one id", sg.encode_keyring(twice), "duplicate_key")
    return cases
