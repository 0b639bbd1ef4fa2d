"""The cases of refresh tokens. What each expects is written down by hand, and computed by no verifier."""

import hashlib

import refresh_v1 as rf
import sealgate_v1 as sg
from fixtures import *

DAY = 24 * 60 * MINUTE
BODY = {"session": SESSION, "generation": 3, "channel": "cookie", "idle_expires_at_ms": NOW + 60 * MINUTE}
CASES = []


def body(**changes):
    return {**BODY, **changes}


def seal(key=DEMO, inner=None, outer=rf.OUTER, **changes):
    """An ordinary token but for the changes, sealed as it should be."""
    of = body(**changes)
    return rf.seal(rf.encode_body(of), key, inner or rf.INNER[of["channel"]], outer)


def seal_bent(pieces, key=DEMO, inner="refresh"):
    """A token of whose body some pieces are replaced, with MACs that hold."""
    fields = rf.body_fields(BODY)
    unknown = set(pieces) - {name for name, _ in fields}
    assert not unknown, unknown
    return rf.seal(b"".join(pieces.get(name, piece) for name, piece in fields), key, inner)


GOOD = seal()
VERSION, KID, TEXT, INNER, OUTER = GOOD.split(".")
GOOD_BYTES = rf.encode_body(BODY)


def travels(text):
    """Whether a cookie can carry it: RFC 6265bis §4.1.1 cookie-octet, in short."""
    return all(char in range(0x21, 0x7F) and chr(char) not in '",;\\' for char in map(ord, text))


def add(name, why, token, expect, channel="cookie", tenant="demo", now=NOW, proves=None):
    case = {"name": name, "why": why, "token": token, "channel": channel, "tenant": tenant, "now_ms": now}
    case |= {"cookie": channel == "cookie" and travels(token), "expect": expect}
    if "ok" in expect:
        case["proves"] = True if proves is None else proves
    CASES.append(case)


def ok(name, why, key=DEMO, now=NOW, **changes):
    of = body(**changes)
    add(name, why, seal(key, **changes), {"ok": of}, of["channel"], key.tenant, now)


def no(label, name, why, token, **where):
    add(name, why, token, {"reject": label}, **where)


def passes_unproved(name, why, token, **changes):
    """An edge lets it pass to the origin, which did not make it."""
    of = body(**changes)
    add(name, why, token, {"ok": of}, of["channel"], proves=False)


def good():
    ok("worked-example", "the token taken apart in docs/FORMAT.md")
    ok("bearer", "a native client's", channel="bearer")
    ok("tenant-other", "another tenant's, asked for under that tenant", ACME)
    ok("tenant-uuid", "the tenant is in no body, only in the subkeys", UUID_KEY)
    ok("tenant-longest", "63 characters", LONG_KEY)
    ok("key-that-signs-no-more", "several keys filter, whichever of them signs", FORMER)
    ok("key-retired", "sessions outlive the access tokens of their key", RETIRED)
    ok("key-retired-bearer", "on either channel", RETIRED, channel="bearer")
    ok("generation-zero", "never refreshed", generation=0)
    ok("generation-127", "the last that takes one byte", generation=127)
    ok("generation-128", "the first that takes two", generation=128)
    ok("generation-largest", "2^32 - 1", generation=2**32 - 1)
    ok("idle-remembered", "14 days", idle_expires_at_ms=NOW + 14 * DAY)
    ok("idle-next-millisecond", "good until its last millisecond", idle_expires_at_ms=NOW + 1)
    ok("idle-at-the-end", "the last millisecond of the year 9999", idle_expires_at_ms=sg.MAX_TIME_MS)
    ok("idle-early", "a moment that takes one byte", now=126, idle_expires_at_ms=127)
    ok("other-session", "another session", session=OTHER_SESSION)
    largest = {"generation": 2**32 - 1, "idle_expires_at_ms": sg.MAX_TIME_MS, "channel": "bearer"}
    ok("longest", "the most characters that a good one can have: 142", **largest)
    assert len(seal(**largest)) == 142


def too_long():
    long = rf.sign(f"r1.{KID}.{TEXT}{'A' * 200}", DEMO)
    above_cap = rf.sign(f"r1.{KID}.{'A' * 90}", DEMO)
    assert len(above_cap) == 193
    no("too_long", "length-above-cap", "one character above the cap, with MACs that hold", above_cap)
    no("too_long", "length-far-above-cap", "with MACs that hold", long)
    no("too_long", "length-before-form", "the length is checked first", "x" * 193)
    no("too_long", "length-counts-bytes", "97 characters, but 194 bytes of UTF-8", "\u00e9" * 97)
    at_cap = rf.sign(f"r1.{KID}.{'A' * 89}", DEMO)
    assert len(at_cap) == 192
    no("bad_claims", "length-at-cap", "192 characters are looked at; this is no body", at_cap)


def malformed():
    def bad(name, why, token, **where):
        no("malformed", name, why, token, **where)

    bad("empty", "nothing there", "")
    bad("no-dots", "one part", "r1")
    bad("two-parts", "version and kid", f"r1.{KID}")
    bad("three-parts", "no MAC at all", f"r1.{KID}.{TEXT}")
    bad("four-parts", "one MAC is missing", f"r1.{KID}.{TEXT}.{INNER}")
    bad("six-parts", "one part too many, with MACs that hold", rf.sign(f"r1.{KID}.{TEXT}.AAAA", DEMO))
    bad("dot-at-the-end", "an empty sixth part", GOOD + ".")
    bad("dot-in-front", "an empty first part", "." + GOOD)
    bad("access-token", "an access token has four parts", sg.seal(sg.encode_claims(claims()), DEMO))
    bad("kid-empty", "no key id", f"r1..{TEXT}.{INNER}.{OUTER}")
    bad("kid-seven-bytes", "canonical, but 7 bytes", rf.sign(f"r1.{sg.b64(DEMO.kid[:7])}.{TEXT}", DEMO))
    bad("kid-nine-bytes", "canonical, but 9 bytes", rf.sign(f"r1.{sg.b64(DEMO.kid + bytes(1))}.{TEXT}", DEMO))
    bad("kid-with-prefix", "the form of the API", f"r1.sk-{KID}.{TEXT}.{INNER}.{OUTER}")
    for bits, spelling in enumerate(respelled(KID, URL_ALPHABET), 1):
        why = "decodes to a known kid if unused bits are ignored; the MACs hold"
        bad(f"kid-trailing-bits-{bits}", why, rf.sign(f"r1.{spelling}.{TEXT}", DEMO))
    standard = sg.b64(FORMER.kid).replace("-", "+").replace("_", "/")
    bad("kid-standard-alphabet", "+ and / for - and _; the MACs hold", rf.sign(f"r1.{standard}.{TEXT}", FORMER))
    for name, at in [("inner", 3), ("outer", 4)]:
        parts = GOOD.split(".")

        def with_part(part):
            return ".".join([*parts[:at], part, *parts[at + 1 :]])

        bad(f"{name}-empty", "no MAC", with_part(""))
        bad(f"{name}-short", "42 characters", with_part(parts[at][:-1]))
        bad(f"{name}-long", "44 characters", with_part(parts[at] + "A"))
        bad(f"{name}-half", "the first 16 bytes of the right MAC", with_part(sg.b64(sg.unb64(parts[at])[:16])))
        bad(f"{name}-33-bytes", "one byte more", with_part(sg.b64(sg.unb64(parts[at]) + bytes(1))))
        bad(f"{name}-padded", "padding is refused", with_part(parts[at] + "="))
        for bits, spelling in enumerate(respelled(parts[at], URL_ALPHABET), 1):
            why = "decodes to the right MAC if unused bits are ignored"
            bad(f"{name}-trailing-bits-{bits}", why, with_part(spelling))
        bad(f"{name}-foreign-character", "* is in neither alphabet", with_part("*" + parts[at][1:]))
    # The outer MAC is over the text as it is spelled, so it holds: only a sloppy decoder would take the inner one.
    for bits, spelling in enumerate(respelled(INNER, URL_ALPHABET), 1):
        respelt = sg.sign(f"r1.{KID}.{TEXT}.{spelling}", DEMO.subkey(rf.OUTER))
        bad(f"inner-trailing-bits-{bits}-signed", "another spelling, under an outer MAC that holds", respelt)
    bad("malformed-before-kid", "an unknown kid and a short MAC", f"r1.{sg.b64(STRANGER.kid)}.{TEXT}.{INNER}.AAAA")
    bad("space-after", "nothing is trimmed", GOOD + " ")
    bad("newline-after", "nothing is trimmed", GOOD + "\n")
    bad("nul-after", "nothing is cut off", GOOD + "\0")


def unknown_version():
    for name, version, why in [
        ("two", "r2", "a version to come"),
        ("zero", "r0", "a version that never was"),
        ("access", "v1", "that of access tokens"),
        ("upper-case", "R1", "the version is compared byte for byte"),
        ("leading-zero", "r01", "the version is compared byte for byte"),
        ("longer", "r11", "more than its beginning is compared"),
        ("empty", "", "no version"),
    ]:
        token = rf.sign(f"{version}.{KID}.{TEXT}", DEMO)
        no("unknown_version", f"version-{name}", why + "; the MACs hold", token)
    no("unknown_version", "four-dots-alone", "five empty parts: the version comes before the others", "....")
    no("unknown_version", "quoted", "quotes belong to the value", f'"{GOOD}"')
    no("unknown_version", "space-before", "nothing is trimmed", " " + GOOD)


def keys():
    no("unknown_kid", "kid-unknown", "signed by a key outside the ring", seal(STRANGER))
    no("unknown_kid", "kid-zero", "eight zero bytes", f"r1.{sg.b64(bytes(8))}.{TEXT}.{INNER}.{OUTER}")
    no("unknown_kid", "kid-bit-flip", "one bit off a known kid", f"r1.{flip(KID, 3)}.{TEXT}.{INNER}.{OUTER}")
    no("revoked", "key-revoked", "nothing that the key signed counts", seal(REVOKED))
    no("revoked", "key-revoked-bearer", "on either channel", seal(REVOKED, channel="bearer"), channel="bearer")
    forged = seal(REVOKED)[:-43] + "A" * 43
    no("revoked", "key-revoked-forged", "nobody computes whether it signed it", forged)
    no("revoked", "key-revoked-elsewhere", "nor whose it was", seal(REVOKED), tenant="acme")
    retired = seal(RETIRED)
    no("bad_mac", "key-retired-forged", "a retired key still filters", retired[:-43] + "A" * 43)
    no("expired", "key-retired-idle", "and its sessions end", seal(RETIRED, idle_expires_at_ms=NOW))


def forged_outside():
    """An edge needs no origin to refuse these."""

    def bad(name, why, token, **where):
        no("bad_mac", "outer-" + name, why, token, **where)

    signed = GOOD.rpartition(".")[0]
    for bit in range(6):
        bad(f"body-flip-first-bit-{bit}", "one bit of the body", f"r1.{KID}.{flip(TEXT, 0, bit)}.{INNER}.{OUTER}")
    for name, position in [("middle", len(TEXT) // 2), ("last", len(TEXT) - 1)]:
        bad(f"body-flip-{name}", "one bit of the body", f"r1.{KID}.{flip(TEXT, position, 5)}.{INNER}.{OUTER}")
    for name, position, bit in [("first", 0, 5), ("middle", 21, 0), ("last-high", 42, 5)]:
        bad(f"inner-flip-{name}", "one bit of the inner MAC", f"r1.{KID}.{TEXT}.{flip(INNER, position, bit)}.{OUTER}")
        bad(f"flip-{name}", "one bit of the outer MAC", f"{signed}.{flip(OUTER, position, bit)}")
    bad("zero", "32 zero bytes", f"{signed}.{'A' * 43}")
    bad("reversed", "the right bytes the wrong way round", f"{signed}.{sg.b64(sg.unb64(OUTER)[::-1])}")
    bad("swapped", "inner and outer MAC exchanged", f"r1.{KID}.{TEXT}.{OUTER}.{INNER}")
    bad("twice-the-inner", "the inner MAC in both places", f"r1.{KID}.{TEXT}.{INNER}.{INNER}")
    bad("body-removed", "an empty part", f"r1.{KID}..{INNER}.{OUTER}")
    other = seal(generation=4).split(".")
    bad("of-another-generation", "MACs of one body under another", f"r1.{KID}.{other[2]}.{INNER}.{OUTER}")
    bad("inner-of-another", "a good inner MAC of another body", f"r1.{KID}.{TEXT}.{other[3]}.{OUTER}")
    bad("kid-of-another-key", "another key of the same tenant", f"r1.{sg.b64(FORMER.kid)}.{TEXT}.{INNER}.{OUTER}")
    bad("kid-of-another-tenant", "a key of another tenant", f"r1.{sg.b64(ACME.kid)}.{TEXT}.{INNER}.{OUTER}")
    for purpose in sg.PURPOSES:
        if purpose != rf.OUTER:
            bad(f"purpose-{purpose}", f"outer MAC of the {purpose} subkey", seal(outer=purpose))
    bad("subkey-none", "signed with the signing key itself", seal(outer=DEMO.signing_key))
    bad("subkey-of-another-tenant", "the subkey it would have for another tenant", seal(outer=other_subkey(rf.OUTER)))
    short = sg.b64(sg.mac(DEMO.subkey(rf.OUTER), f"r1.{KID}.{TEXT}".encode()))
    bad("over-the-body-alone", "an outer MAC that leaves out the inner one", f"{signed}.{short}")
    dotted = sg.b64(sg.mac(DEMO.subkey(rf.OUTER), (signed + ".").encode()))
    bad("over-the-last-dot", "a MAC over the last dot as well", f"{signed}.{dotted}")
    plain = hashlib.sha256(DEMO.subkey(rf.OUTER) + signed.encode()).digest()
    bad("plain-hash", "SHA-256 of key and message is no HMAC", f"{signed}.{sg.b64(plain)}")

    def unsigned(token):
        return token[:-43] + "A" * 43

    bad("before-body", "bad MAC, and a body that is not base64", f"r1.{KID}.!!!.{INNER}.{OUTER}")
    bad("before-tenant", "bad MAC, and another tenant's", unsigned(GOOD), tenant="acme")
    bad("before-channel", "bad MAC, and of the other channel", unsigned(seal(channel="bearer")))
    bad("before-expiry", "bad MAC, and expired", unsigned(seal(idle_expires_at_ms=NOW)))


def other_subkey(purpose):
    return sg.subkey(DEMO.signing_key, purpose, "acme")


def forged_inside():
    """Whoever has what an edge has can make these. They pass an edge, and the origin does not know them."""
    subkey = DEMO.subkey(rf.OUTER)
    for purpose in sg.PURPOSES:
        if purpose != "refresh":
            passes_unproved(f"inner-purpose-{purpose}", f"inner MAC of the {purpose} subkey", seal(inner=purpose))
        if purpose != "refresh-bearer":
            token = seal(inner=purpose, channel="bearer")
            passes_unproved(f"inner-bearer-purpose-{purpose}", f"of the {purpose} subkey", token, channel="bearer")
    for name, inner in [("zero", "A" * 43), ("flip-first", flip(INNER, 0)), ("flip-last", flip(INNER, 42, 5))]:
        token = sg.sign(f"r1.{KID}.{TEXT}.{inner}", subkey)
        passes_unproved(f"inner-{name}", "the inner MAC bent, the outer one holds", token)
    passes_unproved("inner-subkey-none", "signed with the signing key itself", seal(inner=DEMO.signing_key))
    passes_unproved("inner-of-another-tenant", "of another tenant's subkey", seal(inner=other_subkey("refresh")))
    passes_unproved("inner-of-another-key", "of another key of the tenant", seal(inner=FORMER.subkey("refresh")))
    for name, changes in [
        ("generation", {"generation": 4}),
        ("session", {"session": OTHER_SESSION}),
        ("idle", {"idle_expires_at_ms": NOW + 30 * DAY}),
    ]:
        text = sg.b64(rf.encode_body(body(**changes)))
        token = sg.sign(f"r1.{KID}.{text}.{INNER}", subkey)
        passes_unproved(f"inner-of-another-{name}", f"an inner MAC that was made for another {name}", token, **changes)
    text = sg.b64(rf.encode_body(body(channel="bearer")))
    token = sg.sign(f"r1.{KID}.{text}.{INNER}", subkey)
    passes_unproved("inner-of-a-cookie", "a cookie's inner MAC under a bearer body", token, channel="bearer")


def bodies():
    """Under MACs that hold, there is one spelling of any body."""

    def bad(name, why, token):
        no("bad_claims", "body-" + name, why, token)

    def text(of):
        return rf.sign(f"r1.{KID}.{of}", DEMO)

    bad("empty", "nothing there", text(""))
    bad("padded", "padding is refused", text(TEXT + "="))
    bad("space", "a space among it", text(TEXT[:9] + " " + TEXT[9:]))
    bad("not-base64", "no base64 at all", text("!!!"))
    bad("percent", "nothing is percent-decoded", text(f"%{ord(TEXT[0]):02X}{TEXT[1:]}"))
    longer = next(n for n in (128, 20_000) if len(rf.encode_body(body(generation=n))) % 3)
    spelt = sg.b64(rf.encode_body(body(generation=longer)))
    for bits, spelling in enumerate(respelled(spelt, URL_ALPHABET), 1):
        bad(f"trailing-bits-{bits}", "decodes to a good body if unused bits are ignored", text(spelling))
    # The session's bytes are such that both characters turn up.
    assert {"-", "_"} <= set(TEXT)
    standard = TEXT.replace("-", "+").replace("_", "/")
    bad("standard-alphabet", "+ and / for - and _", text(standard))
    for length in range(len(GOOD_BYTES)):
        bad(f"cut-to-{length}", "the end is missing", rf.seal(GOOD_BYTES[:length], DEMO))
    for more in (b"\0", b"\1", b"\xff", b"demo"):
        bad(f"trailing-{more.hex()}", "something follows", rf.seal(GOOD_BYTES + more, DEMO))
    for name, piece in rf.body_fields(BODY)[1:]:
        bad(f"{name}-overlong", "a varint with one byte more than it needs", seal_bent({name: overlong(piece)}))
        bad(f"{name}-overlonger", "with two bytes more", seal_bent({name: overlong(overlong(piece))}))
    bad("generation-33-bits", "2^32", seal_bent({"generation": sg.varint(2**32)}))
    bad("generation-endless", "ten bytes and no end", seal_bent({"generation": b"\xff" * 10}))
    bad("generation-64-bits", "2^64 - 1", seal_bent({"generation": sg.varint(2**64 - 1)}))
    bad("channel-two", "a channel to come", seal_bent({"channel": b"\2"}))
    bad("channel-largest", "2^32 - 1", seal_bent({"channel": sg.varint(2**32 - 1)}))
    bad("channel-33-bits", "2^32, which a sloppy reader takes for 0", seal_bent({"channel": sg.varint(2**32)}))
    bad("idle-after-the-end", "the year 10000", seal_bent({"idle_expires_at": sg.varint(sg.MAX_TIME_MS + 1)}))
    bad("idle-64-bits", "2^64 - 1", seal_bent({"idle_expires_at": sg.varint(2**64 - 1)}))
    bad("idle-65-bits", "2^64 and something", seal_bent({"idle_expires_at": sg.varint(2**64 + NOW)}))
    claims_ = sg.encode_claims(claims(roles=[]))
    no("bad_claims", "body-of-an-access-token", "claims where a body belongs", rf.seal(claims_[:60], DEMO))


def what_they_say():
    no("wrong_tenant", "tenant-of-request", "a good token at another tenant's host", GOOD, tenant="acme")
    no("wrong_tenant", "tenant-of-key", "another tenant's token here", seal(ACME))
    bearer = seal(channel="bearer")
    no("wrong_tenant", "tenant-before-channel", "and of the other channel", bearer, tenant="acme")
    no("wrong_tenant", "tenant-before-expiry", "and expired", seal(idle_expires_at_ms=NOW), tenant="acme")
    no("wrong_tenant", "tenant-prefix", "the tenant is compared as a whole", GOOD, tenant="dem")
    no("bad_mac", "channel-bearer-in-a-cookie", "a native client's token in a cookie", bearer)
    no("bad_mac", "channel-cookie-in-a-body", "a cookie's token in a body", GOOD, channel="bearer")
    no("bad_mac", "channel-before-expiry", "and expired", seal(channel="bearer", idle_expires_at_ms=NOW))
    no("expired", "idle-now", "over at its expiry: no leeway", seal(idle_expires_at_ms=NOW))
    no("expired", "idle-last-millisecond", "over one millisecond ago", seal(idle_expires_at_ms=NOW - 1))
    no("expired", "idle-long-ago", "a year ago", seal(idle_expires_at_ms=NOW - 365 * DAY))
    no("expired", "idle-at-the-epoch", "never good", seal(idle_expires_at_ms=0))
    over = seal(channel="bearer", idle_expires_at_ms=NOW)
    no("expired", "idle-now-bearer", "the same for native clients", over, channel="bearer")


def cookie_headers():
    cases = []
    first, second = body(), body(generation=4, idle_expires_at_ms=NOW + 2 * DAY)
    good_, next_one = seal(), seal(generation=4, idle_expires_at_ms=NOW + 2 * DAY)
    other, over = seal(session=OTHER_SESSION), seal(generation=9, idle_expires_at_ms=NOW)
    over_other = seal(session=OTHER_SESSION, idle_expires_at_ms=NOW)
    forged = good_[:-43] + "A" * 43
    leaked = sg.sign(f"r1.{KID}.{TEXT}.{'A' * 43}", DEMO.subkey(rf.OUTER))
    stranger, foreign, revoked, retired = seal(STRANGER), seal(ACME), seal(REVOKED), seal(RETIRED)
    bearer, access = seal(channel="bearer"), sg.seal(sg.encode_claims(claims()), DEMO)

    def add_header(name, why, header, expect):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "header": header, "tenant": "demo", "now_ms": NOW}
        cases.append({**case, "cookie": all(char == "\t" or " " <= char <= "~" for char in header), "expect": expect})

    def put(name, why, values, expect):
        add_header(name, why, "; ".join(f"__Host-sg_refresh={value}" for value in values), expect)

    add_header("none", "no cookies", "", "missing")
    add_header("none-of-ours", "cookies of others", "theme=dark; sg_refresh=1", "missing")
    add_header("name-letter-case", "names are compared byte for byte", f"__host-sg_refresh={good_}", "missing")
    add_header("name-of-the-access-token", "each name has its own", f"__Host-sg={good_}", "missing")
    add_header("name-longer", "names are compared as wholes", f"__Host-sg_refresh2={good_}", "missing")
    add_header("name-of-development", "not read in production", f"sg_refresh={good_}", "missing")
    add_header("blanks", "spaces and tabs around both", f"a=1;\t__Host-sg_refresh \t= {good_}\t; b=2", first)
    add_header("value-quoted", "quotes belong to the value", f'__Host-sg_refresh="{good_}"', "unknown_version")
    put("value-empty", "there, but empty", [""], "malformed")
    put("one", "our cookie alone", [good_], first)
    add_header("beside-access", "the access token beside it", f"__Host-sg={access}; __Host-sg_refresh={good_}", first)
    put("access-token", "an access token under the wrong name", [access], "malformed")
    put("access-token-first", "it does not matter beside a good one", [access, good_], first)
    put("bearer-token", "a native client's does not pass in a cookie", [bearer], "bad_mac")
    put("bearer-token-beside-good", "nor does it matter", [bearer, good_], first)
    put("same-twice", "one token twice is one session", [good_, good_], first)
    put("two-generations", "the highest of one session", [good_, next_one], second)
    put("two-generations-swapped", "in whichever order they come", [next_one, good_], second)
    put("two-generations-one-over", "only those count that pass", [over, good_], first)
    put("two-sessions", "nobody can say which is meant", [good_, other], "ambiguous_session")
    put("two-sessions-swapped", "in whichever order they come", [other, good_], "ambiguous_session")
    put("two-sessions-of-three", "a third does not settle it", [good_, other, next_one], "ambiguous_session")
    put("two-sessions-junk-between", "nor does junk", [good_, "junk", forged, other], "ambiguous_session")
    put("two-sessions-one-over", "only those count that pass", [over_other, good_], first)
    put("two-sessions-one-forged", "only those count that pass", [other[:-43] + "A" * 43, good_], first)
    put("two-sessions-one-foreign", "another tenant's does not count", [foreign, good_], first)
    other_revoked, other_retired = (seal(key, session=OTHER_SESSION) for key in (REVOKED, RETIRED))
    put("two-sessions-one-revoked-key", "nor does a revoked key's", [other_revoked, good_], first)
    put("two-sessions-of-two-keys", "a retired key's does", [other_retired, good_], "ambiguous_session")
    put("leaked-filter", "an edge cannot tell that the origin did not make it", [leaked], first)
    put("leaked-filter-first", "nor choose: of equal generations the first", [leaked, good_], first)
    put("junk-first", "what else is there does not matter", ["junk", good_], first)
    put("junk-last", "what else is there does not matter", [good_, "junk"], first)
    put("forged-first", "a forged one beside a good one", [forged, good_], first)
    put("over-alone", "its session is over", [over], "expired")
    put("first-reason", "the reason of the first, whatever follows", [forged, over], "bad_mac")
    put("first-reason-expired", "the reason of the first", [over, forged], "expired")
    put("first-reason-malformed", "the reason of the first", ["junk", over, stranger], "malformed")
    put("first-reason-unknown-kid", "the reason of the first", [stranger, "junk"], "unknown_kid")
    put("first-reason-revoked", "the reason of the first", [revoked, over], "revoked")
    put("first-reason-wrong-tenant", "the reason of the first", [foreign, over], "wrong_tenant")
    put("three-macs-before-good", "the fourth MAC is computed", [*[forged] * 3, good_], first)
    put("four-macs-before-good", "the fifth is not", [*[forged] * 4, good_], "bad_mac")
    put("four-macs-before-another-session", "nor looked at for what it says", [good_, *[forged] * 3, other], first)
    put("four-macs-before-a-later-one", "nor for its generation", [good_, *[forged] * 3, next_one], first)
    free = ["junk", stranger, revoked]
    put("no-mac-no-count", "what needs no MAC is not counted", [*free * 3, *[forged] * 3, good_], first)
    put("retired-key-counts", "a retired key costs a MAC", [*[retired[:-43] + "A" * 43] * 4, good_], "bad_mac")
    put("count-ends-the-search", "after the fifth nothing is looked at", [*[forged] * 5, "junk", good_], "bad_mac")
    return cases


for make in [good, too_long, malformed, unknown_version, keys, forged_outside, forged_inside, bodies, what_they_say]:
    make()
