"""The token cases. What each expects is written down by hand, and computed by no verifier."""

import hashlib
import hmac

import claims_cases
import sealgate_v1 as sg
from fixtures import *

# RFC 6265bis §4.1.1 cookie-octet, in short: what a cookie value can carry without quotes.
COOKIE_OCTETS = set(range(0x21, 0x7F)) - set(b'",;\\')

CASES = []


def add(name, why, token, expect, kind="access", tenant="demo", now=NOW):
    travels = kind == "access" and all(ord(char) in COOKIE_OCTETS for char in token)
    case = {"name": name, "why": why, "token": token, "kind": kind, "tenant": tenant, "now_ms": now}
    CASES.append({**case, "cookie": travels, "expect": expect})


def ok(name, why, key=DEMO, kind="access", now=NOW, **changes):
    changes.setdefault("tenant", key.tenant)
    token = seal(key, key.subkey(kind), **changes)
    add(name, why, token, {"ok": claims(**changes)}, kind, key.tenant, now)


def no(label, name, why, token, **where):
    add(name, why, token, {"reject": label}, **where)


GOOD = seal()
VERSION, KID, BODY, MAC = GOOD.split(".")
SIGNED = GOOD.rpartition(".")[0]
GOOD_BYTES = sg.encode_claims(CLAIMS)


def good_tokens():
    ok("worked-example", "the token taken apart in docs/FORMAT.md")
    ok("key-that-signs-no-more", "several keys verify, whichever of them signs", FORMER)
    ok("tenant-other", "another tenant's token, asked for under that tenant", ACME)
    ok("tenant-uuid", "a tenant that is a canonical UUID travels as 16 bytes", UUID_KEY)
    ok("tenant-longest", "63 characters", LONG_KEY)
    ok("bearer", "a bearer token where one is expected", kind="bearer")
    ok("actor-text", "an actor id that is no UUID travels as text", actor_id="ada@example.com")
    ok("actor-shortest", "one character", actor_id="7")
    ok("actor-longest", "128 characters: the length takes two bytes", actor_id="x" * 128)
    ok("actor-127", "127 characters: the longest whose length takes one byte", actor_id="x" * 127)
    ok("actor-every-character", "all printable ASCII but the space", actor_id="".join(map(chr, range(0x21, 0x7F))))
    ok("actor-uuid-upper-case", "not canonical as a UUID, so canonical as text", actor_id=ACTOR.upper())
    ok("actor-uuid-no-hyphens", "not canonical as a UUID, so canonical as text", actor_id=ACTOR.replace("-", ""))
    ok("actor-uuid-in-braces", "not canonical as a UUID, so canonical as text", actor_id="{" + ACTOR + "}")
    ok("actor-uuid-urn", "not canonical as a UUID, so canonical as text", actor_id="urn:uuid:" + ACTOR)
    ok("actor-uuid-nil", "all zeros are a UUID too", actor_id="00000000-0000-0000-0000-000000000000")
    ok(
        "actor-uuid-max",
        "any 16 bytes are, whatever version they name",
        actor_id="f" * 8 + "-ffff" * 3 + "-" + "f" * 12,
    )
    ok("actor-type-shortest", "one character", actor_type="a")
    ok("actor-type-longest", "32 characters of the whole alphabet", actor_type="service_account-0123456789abcdef")
    ok("roles-none", "no roles", roles=[])
    ok("roles-most", "16 roles", roles=[f"role-{n:02}" for n in range(16)])
    ok("roles-longest", "32 characters", roles=["Az09._:-" * 4])
    ok(
        "roles-byte-order",
        "sorted as bytes: upper case before lower, shorter before longer",
        roles=["B", "a", "a-b", "ab"],
    )
    ok("generation-zero", "never refreshed", generation=0)
    ok("generation-two-bytes", "128 is the first that takes two bytes", generation=128)
    ok("generation-largest", "2^32 - 1", generation=2**32 - 1)
    ok("assurance-zero", "says nothing", assurance=0)
    ok("assurance-largest", "255 is one byte: no varint", assurance=255)
    ok("lifetime-longest", "as long as the ring allows, to the millisecond", **at(NOW, MAX_LIFETIME))
    ok("expires-next-millisecond", "good until its last millisecond", **at(NOW - MINUTE, MINUTE + 1))
    ok("issued-now", "no time has passed", **at(NOW))
    ok("issued-ahead-by-leeway", "clocks may differ by 5,000 ms", **at(NOW + 5_000))
    ok("lifetime-zero-ahead", "issued a little ahead, and dead from that moment on", **at(NOW + 1_000, 0))
    ok("authenticated-long-ago", "as long ago as the epoch", **at(NOW, authenticated=0))
    ok("times-at-the-epoch", "time zero is a time", now=0, **at(0, 1))
    latest = sg.MAX_TIME_MS
    ok("times-at-the-end", "the last millisecond of the year 9999", now=latest - 1, **at(latest - MINUTE, MINUTE))
    changes = fitted(1_023)
    assert len(seal(**changes)) == 1_023
    ok("length-longest", "1,023 characters, the most a token can have: base64 makes no text of 1,024 here", **changes)


def fitted(length):
    """Changes that make a token of that many characters."""
    roles = [f"{n:02}".ljust(32, "r") for n in range(16)]
    actor_type = "t" * 32
    for size in range(1, 129):
        changes = {"roles": roles, "actor_type": actor_type, "actor_id": "x" * size}
        if len(seal(**changes)) == length:
            return changes
    raise ValueError(length)


def too_long():
    no("too_long", "length-above-cap", "1,026 characters, otherwise good", seal(**fitted(1_026)))
    text = seal_text("A" * 966)
    assert len(text) == 1_025
    no("too_long", "length-1025", "one character above the cap, with a MAC that holds", text)
    no("too_long", "length-before-form", "the length is checked first", "x" * 1_025)
    no("too_long", "length-far-above-cap", "no part of it is looked at", "v2." + "A" * 4_000)
    text = "\u00e9" * 513
    no("too_long", "length-counts-bytes", "513 characters, but 1,026 bytes of UTF-8", text)


def malformed():
    def bad(name, why, token):
        no("malformed", name, why, token)

    bad("empty", "nothing there", "")
    bad("no-dots", "one part", "v1")
    bad("two-parts", "version and kid", f"v1.{KID}")
    bad("three-parts", "the MAC is missing", SIGNED)
    bad("five-parts", "one part too many, with a MAC that holds", sg.sign(SIGNED + ".AAAA", DEMO.subkey("access")))
    bad("dot-at-the-end", "an empty fifth part", GOOD + ".")
    bad("dot-in-front", "an empty first part, five in all", "." + GOOD)
    bad("dots-alone", "four dots make five parts", "....")
    bad("three-parts-unknown-version", "the number of parts is checked before the version", f"v2.{KID}.{BODY}")
    bad("kid-empty", "no key id", f"v1..{BODY}.{MAC}")
    bad("kid-short", "10 characters", f"v1.{KID[:10]}.{BODY}.{MAC}")
    bad("kid-seven-bytes", "canonical, but 7 bytes", f"v1.{sg.b64(DEMO.kid[:7])}.{BODY}.{MAC}")
    bad("kid-nine-bytes", "canonical, but 9 bytes", f"v1.{sg.b64(DEMO.kid + bytes(1))}.{BODY}.{MAC}")
    bad("kid-padded", "padding is refused", f"v1.{KID}=.{BODY}.{MAC}")
    bad("kid-with-prefix", "the form of the API is not the form in a token", f"v1.sk-{KID}.{BODY}.{MAC}")
    for bits, spelling in enumerate(respelled(KID, URL_ALPHABET), 1):
        token = sg.sign(f"v1.{spelling}.{BODY}", DEMO.subkey("access"))
        bad(f"kid-trailing-bits-{bits}", "decodes to a known kid if unused bits are ignored; the MAC holds", token)
    standard = sg.b64(FORMER.kid).replace("-", "+").replace("_", "/")
    token = sg.sign(f"v1.{standard}.{BODY}", FORMER.subkey("access"))
    bad("kid-standard-alphabet", "+ and / for - and _ (RFC 4648 §4); the MAC holds", token)
    bad("kid-foreign-character", "~ is in neither alphabet", f"v1.{KID[:-1]}~.{BODY}.{MAC}")
    bad("mac-empty", "no MAC", f"{SIGNED}.")
    bad("mac-short", "42 characters", GOOD[:-1])
    bad("mac-long", "44 characters", GOOD + "A")
    bad("mac-half", "the first 16 bytes of the right MAC", f"{SIGNED}.{sg.b64(sg.unb64(MAC)[:16])}")
    bad("mac-31-bytes", "canonical, but 31 bytes", f"{SIGNED}.{sg.b64(sg.unb64(MAC)[:31])}")
    bad("mac-33-bytes", "canonical, but 33 bytes", f"{SIGNED}.{sg.b64(sg.unb64(MAC) + bytes(1))}")
    long = hmac.new(DEMO.subkey("access"), SIGNED.encode(), hashlib.sha512).digest()
    bad("mac-sha512", "HMAC-SHA512, 64 bytes", f"{SIGNED}.{sg.b64(long)}")
    bad("mac-padded", "padding is refused", GOOD + "=")
    for bits, spelling in enumerate(respelled(MAC, URL_ALPHABET), 1):
        bad(f"mac-trailing-bits-{bits}", "decodes to the right MAC if unused bits are ignored", f"{SIGNED}.{spelling}")
    generation = next(n for n in range(1_000) if "-" in seal(generation=n).split(".")[3])
    signed, _, mac = seal(generation=generation).rpartition(".")
    bad(
        "mac-standard-alphabet",
        "+ and / for - and _ (RFC 4648 §4)",
        f"{signed}.{mac.replace('-', '+').replace('_', '/')}",
    )
    bad("mac-foreign-character", "* is in neither alphabet", f"{SIGNED}.*{MAC[1:]}")
    bad("mac-percent", "nothing is percent-decoded", f"{SIGNED}.%{ord(MAC[0]):02X}{MAC[1:]}")
    bad(
        "malformed-before-kid",
        "an unknown kid and a short MAC: the form comes first",
        f"v1.{sg.b64(STRANGER.kid)}.{BODY}.AAAA",
    )
    bad("space-after", "nothing is trimmed", GOOD + " ")
    bad("newline-after", "nothing is trimmed", GOOD + "\n")
    bad("nul-after", "nothing is cut off", GOOD + "\0")
    bad("quote-after", "quotes belong to the value", GOOD + '"')
    bad("kid-not-ascii", "a letter outside ASCII", f"v1.\u00e9{KID[2:]}.{BODY}.{MAC}")
    bad("mac-not-ascii", "a full-width letter", f"{SIGNED}.\uff21{MAC[3:]}")


def unknown_version():
    def bad(name, why, token):
        no("unknown_version", name, why, token)

    subkey = DEMO.subkey("access")
    for name, version, why in [
        ("two", "v2", "a version to come"),
        ("zero", "v0", "a version that never was"),
        ("upper-case", "V1", "the version is compared byte for byte"),
        ("leading-zero", "v01", "the version is compared byte for byte"),
        ("longer", "v11", "more than its beginning is compared"),
        ("empty", "", "no version"),
    ]:
        bad(f"version-{name}", why + "; the MAC holds", sg.sign(f"{version}.{KID}.{BODY}", subkey))
    bad("three-dots-alone", "four empty parts: the version is checked before the others", "...")
    bad("version-before-kid", "a kid and a MAC of the wrong form under an unknown version", "v2.x.y.z")
    bad("quoted", "quotes belong to the value", f'"{GOOD}"')
    bad("space-before", "nothing is trimmed", " " + GOOD)
    bad("byte-order-mark-before", "nothing is trimmed", "\ufeff" + GOOD)
    bad("jwt-like", "four parts that begin like a JSON Web Token", f"eyJhbGciOiJub25lIn0.{KID}.{BODY}.{MAC}")


def unknown_kid():
    def bad(name, why, token):
        no("unknown_kid", name, why, token)

    bad("kid-unknown", "signed by a key outside the ring", seal(STRANGER))
    bad("kid-zero", "eight zero bytes", f"v1.{sg.b64(bytes(8))}.{BODY}.{MAC}")
    bad("kid-bit-flip", "one bit off a known kid", f"v1.{flip(KID, 3)}.{BODY}.{MAC}")
    bad("kid-letter-case", "base64 is case-sensitive", f"v1.{KID[:-1].swapcase()}{KID[-1]}.{BODY}.{MAC}")
    bad(
        "kid-before-mac", "unknown key and zero MAC: no MAC is computed", f"v1.{sg.b64(STRANGER.kid)}.{BODY}.{'A' * 43}"
    )


def refused_for_their_key():
    """Keys that the ring still names, but makes no MAC with: nothing after the kid is looked at."""
    for label, key in [("expired", RETIRED), ("revoked", REVOKED)]:
        name = f"key-{key.state}"
        body, mac = seal(key).split(".")[2:]
        kid = sg.b64(key.kid)
        no(label, name, f"signed by a {key.state} key, and otherwise good", seal(key))
        no(label, f"{name}-bearer", "the same for bearer tokens", seal(key, key.subkey("bearer")), kind="bearer")
        no(label, f"{name}-before-mac", "a zero MAC: none is computed", f"v1.{kid}.{body}.{'A' * 43}")
        no(label, f"{name}-before-claims", "claims that are not base64: not looked at", f"v1.{kid}.!!!.{mac}")
        no(label, f"{name}-before-tenant", "at another tenant's host", seal(key), tenant="acme")
        no(label, f"{name}-before-lifetime", "a lifetime too long", seal(key, **at(NOW, MAX_LIFETIME + 1)))
        no(label, f"{name}-before-skew", "issued in the future", seal(key, **at(NOW + MINUTE)))
        no(label, f"{name}-before-expiry", "expired by what it says", seal(key, **at(NOW - MAX_LIFETIME)))
        no("malformed", f"{name}-after-form", "the form comes first", f"v1.{kid}.{body}.AAAA")
        no("bad_mac", f"{name}-under-another", "its token under a kid that verifies", f"v1.{KID}.{body}.{mac}")
        no(label, f"{name}-over-another", "a good token under its kid", f"v1.{kid}.{BODY}.{MAC}")
        wrong = seal(key, key.subkey("csrf"))
        no(label, f"{name}-csrf", "signed with the csrf subkey, which a ring may have", wrong)


def bad_mac():
    def bad(name, why, token, **where):
        no("bad_mac", name, why, token, **where)

    for bit in range(6):
        bad(f"claims-flip-first-bit-{bit}", "one bit of the first character", f"v1.{KID}.{flip(BODY, 0, bit)}.{MAC}")
    for name, position in [("middle", len(BODY) // 2), ("last", len(BODY) - 1)]:
        bad(f"claims-flip-{name}", f"one bit of the {name} character", f"v1.{KID}.{flip(BODY, position, 5)}.{MAC}")
    for name, position, bit in [("first", 0, 5), ("middle", 21, 0), ("last", 42, 2), ("last-high", 42, 5)]:
        bad(f"mac-flip-{name}", "one bit of the MAC", f"{SIGNED}.{flip(MAC, position, bit)}")
    bad("mac-zero", "32 zero bytes", f"{SIGNED}.{'A' * 43}")
    bad("mac-reversed", "the right bytes the wrong way round", f"{SIGNED}.{sg.b64(sg.unb64(MAC)[::-1])}")
    bad("claims-truncated", "four characters fewer", f"v1.{KID}.{BODY[:-4]}.{MAC}")
    bad("claims-extended", "four characters more", f"v1.{KID}.{BODY}AAAA.{MAC}")
    bad("claims-removed", "an empty part", f"v1.{KID}..{MAC}")
    bad(
        "claims-of-another-token",
        "one token's claims under another's MAC",
        f"v1.{KID}.{seal(generation=4).split('.')[2]}.{MAC}",
    )
    bad("kid-of-another-key", "another key of the same tenant", f"v1.{sg.b64(FORMER.kid)}.{BODY}.{MAC}")
    bad("kid-of-another-tenant", "a key of another tenant", f"v1.{sg.b64(ACME.kid)}.{BODY}.{MAC}")
    for purpose in sg.PURPOSES[1:]:
        bad(f"purpose-{purpose}", f"signed with the {purpose} subkey", seal(subkey=DEMO.subkey(purpose)))
    for purpose in sg.PURPOSES[:1] + sg.PURPOSES[2:]:
        token = seal(subkey=DEMO.subkey(purpose))
        bad(f"bearer-purpose-{purpose}", f"a bearer token signed with the {purpose} subkey", token, kind="bearer")
    bad("subkey-none", "signed with the signing key itself", seal(subkey=DEMO.signing_key))
    other = sg.subkey(DEMO.signing_key, "access", "acme")
    bad("subkey-of-another-tenant", "the subkey this key would have for another tenant", seal(subkey=other))
    bad(
        "subkey-without-tenant",
        "info without the tenant",
        seal(subkey=sg.hkdf(sg.KEY_SALT, DEMO.signing_key, b"access")),
    )
    bad(
        "subkey-without-salt",
        "extracted with an empty salt",
        seal(subkey=sg.hkdf(b"", DEMO.signing_key, b"access\0demo")),
    )
    bad(
        "subkey-edge-salt",
        "extracted with the edges' salt",
        seal(subkey=sg.hkdf(sg.EDGE_SALT, DEMO.signing_key, b"access\0demo")),
    )
    for name, why, message in [
        ("claims-alone", "a MAC over the claims alone", BODY),
        ("raw-claims", "a MAC over the claims' bytes", GOOD_BYTES),
        ("no-version", "a MAC without the version", f"{KID}.{BODY}"),
        ("last-dot", "a MAC over the last dot as well", SIGNED + "."),
    ]:
        data = message if isinstance(message, bytes) else message.encode()
        bad(f"mac-over-{name}", why, f"{SIGNED}.{sg.b64(sg.mac(DEMO.subkey('access'), data))}")
    plain = hashlib.sha256(DEMO.subkey("access") + SIGNED.encode()).digest()
    bad("mac-plain-hash", "SHA-256 of key and message is no HMAC", f"{SIGNED}.{sg.b64(plain)}")
    bad("claims-percent", "nothing is percent-decoded", f"v1.{KID}.%{ord(BODY[0]):02X}{BODY[1:]}.{MAC}")
    bad("claims-padded-after", "padding added to a good token", f"v1.{KID}.{BODY}=.{MAC}")
    bad("claims-with-space", "a space among the claims", f"v1.{KID}.{BODY[:9]} {BODY[9:]}.{MAC}")
    bad("claims-not-ascii", "a letter outside ASCII", f"v1.{KID}.\u00e9{BODY}.{MAC}")

    def unsigned(token):
        return token.rpartition(".")[0] + "." + "A" * 43

    bad("mac-before-claims", "bad MAC, and claims that are not base64", f"v1.{KID}.!!!.{MAC}")
    bad("mac-before-tenant", "bad MAC, and another tenant's claims", unsigned(seal(tenant="acme")))
    bad("mac-before-lifetime", "bad MAC, and a lifetime too long", unsigned(seal(**at(NOW, MAX_LIFETIME + 1))))
    bad("mac-before-skew", "bad MAC, and issued in the future", unsigned(seal(**at(NOW + MINUTE))))
    bad("mac-before-expiry", "bad MAC, and expired", unsigned(seal(**at(NOW - MAX_LIFETIME))))


def refused_for_what_they_say():
    no("wrong_tenant", "tenant-of-both", "a good token of another tenant", seal(ACME, tenant="acme"))
    no("wrong_tenant", "tenant-of-claims", "this tenant's key signed another tenant's claims", seal(tenant="acme"))
    no("wrong_tenant", "tenant-of-key", "another tenant's key signed this tenant's claims", seal(ACME))
    no("wrong_tenant", "tenant-of-request", "a good token, at another tenant's host", GOOD, tenant="acme")
    no(
        "wrong_tenant",
        "tenant-of-neither",
        "key and claims disagree, and neither is the request's",
        seal(ACME),
        tenant=UUID_TENANT,
    )
    no("wrong_tenant", "tenant-prefix", "the tenant is compared as a whole", seal(tenant="dem"))
    no(
        "wrong_tenant",
        "tenant-bearer",
        "the same for bearer tokens",
        seal(ACME, ACME.subkey("bearer"), tenant="acme"),
        kind="bearer",
    )
    no(
        "wrong_tenant",
        "tenant-before-lifetime",
        "and a lifetime too long",
        seal(tenant="acme", **at(NOW, MAX_LIFETIME + 1)),
    )
    no("wrong_tenant", "tenant-before-skew", "and issued in the future", seal(tenant="acme", **at(NOW + MINUTE)))
    no("wrong_tenant", "tenant-before-expiry", "and expired", seal(tenant="acme", **at(NOW - MAX_LIFETIME)))

    no(
        "lifetime_too_long",
        "lifetime-one-more",
        "one millisecond longer than the ring allows",
        seal(**at(NOW, MAX_LIFETIME + 1)),
    )
    no("lifetime_too_long", "lifetime-of-a-month", "30 days", seal(**at(NOW, 30 * 24 * 60 * MINUTE)))
    no("lifetime_too_long", "lifetime-to-the-end", "good until the year 9999", seal(**at(NOW, sg.MAX_TIME_MS - NOW)))
    no(
        "lifetime_too_long",
        "lifetime-before-skew",
        "and issued in the future",
        seal(**at(NOW + MINUTE, MAX_LIFETIME + 1)),
    )
    no(
        "lifetime_too_long",
        "lifetime-before-expiry",
        "and expired",
        seal(**at(NOW - 2 * MAX_LIFETIME, MAX_LIFETIME + 1)),
    )

    no("issued_in_future", "issued-ahead-by-more", "one millisecond more than the leeway", seal(**at(NOW + 5_001)))
    no("issued_in_future", "issued-ahead-by-far", "a year", seal(**at(NOW + 365 * 24 * 60 * MINUTE)))
    no("issued_in_future", "issued-ahead-lifetime-zero", "and would never live", seal(**at(NOW + 5_001, 0)))
    no(
        "issued_in_future",
        "issued-ahead-bearer",
        "the same for bearer tokens",
        seal(subkey=DEMO.subkey("bearer"), **at(NOW + 5_001)),
        kind="bearer",
    )

    no("expired", "expires-now", "dead at its expiry: no leeway at this end", seal(**at(NOW - MINUTE, MINUTE)))
    no("expired", "expires-last-millisecond", "expired one millisecond ago", seal(**at(NOW - MINUTE, MINUTE - 1)))
    no("expired", "expired-long-ago", "a year ago", seal(**at(NOW - 365 * 24 * 60 * MINUTE)))
    no("expired", "expired-lifetime-zero", "never lived", seal(**at(NOW, 0)))
    no("expired", "expired-at-the-epoch", "issued and dead in 1970", seal(**at(0, 0)))
    no(
        "expired",
        "expired-key-that-signs-no-more",
        "of a key that signs no more",
        seal(FORMER, **at(NOW - MAX_LIFETIME)),
    )
    no(
        "expired",
        "expired-bearer",
        "the same for bearer tokens",
        seal(subkey=DEMO.subkey("bearer"), **at(NOW - MAX_LIFETIME)),
        kind="bearer",
    )


for make in [
    good_tokens,
    too_long,
    malformed,
    unknown_version,
    unknown_kid,
    refused_for_their_key,
    bad_mac,
    lambda: claims_cases.add_all(no),
    refused_for_what_they_say,
]:
    make()
