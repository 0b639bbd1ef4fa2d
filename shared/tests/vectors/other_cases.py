"""The cases that are no tokens: several cookies, subkeys, CSRF tokens, edges, keyring documents."""

import sealgate_v1 as sg
from fixtures import *

EDGE, EDGE_SECRET = "edge-1", digest("secret of an edge")
NONCE = digest("nonce")[:12]


# What a whole edge reads of a Cookie header; the reader itself has no limit.
MAX_COOKIE = 8_192


def cookie_headers():
    cases = []
    good, next_one = seal(), seal(generation=4, issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)
    other = seal(session=OTHER_SESSION)
    dead = seal(**at(NOW - MAX_LIFETIME))
    forged = good[:-43] + "A" * 43
    stranger, foreign = seal(STRANGER), seal(ACME, tenant="acme")
    first, second = claims(), claims(generation=4, issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)

    def add(name, why, header, expect, tenant="demo", **more):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "header": header, "tenant": tenant, "now_ms": NOW}
        # RFC 9110 §5.5: a field value has no controls but HTAB.
        travels = all(char == "\t" or char >= " " and char != "\x7f" for char in header)
        if len(header.encode()) > MAX_COOKIE:
            more["edge_answers"] = "cookie_too_large"
        cases.append({**case, **more, "cookie": travels, "expect": expect})

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
    more_cookie_headers(add, ours, good, next_one, other, dead, forged)
    headers_of_keys_without_macs(add, ours, good, other, dead, forged, stranger)
    return cases


def headers_of_keys_without_macs(add, ours, good, other, dead, forged, stranger):
    """Cookies under keys that are retired or revoked: they prove nothing, and cost nothing."""
    retired, revoked = seal(RETIRED), seal(REVOKED)
    first = claims()
    add("retired-key", "every token of the key is dead", ours(retired), "expired")
    add("retired-key-forged", "nobody computes whether it is one", ours(retired[:-43] + "A" * 43), "expired")
    add("revoked-key", "no token of the key counts", ours(revoked), "revoked")
    for name, value, label in [("retired", retired, "expired"), ("revoked", revoked, "revoked")]:
        add(f"{name}-key-first", "beside a good one it does not matter", ours(value, good), first)
        add(f"{name}-key-last", "beside a good one it does not matter", ours(good, value), first)
        beside = "it settles nothing between two sessions"
        add(f"{name}-key-beside-two", beside, ours(good, value, other), "ambiguous_session")
        add(f"{name}-key-no-count", "what needs no MAC is not counted", ours(*[value] * 20, *[forged] * 3, good), first)
        add(f"{name}-key-before-four", "and the fifth MAC is not computed", ours(value, *[forged] * 4, good), label)
        add(f"{name}-key-beside-expired", "expired says more", ours(value, dead), "expired")
    add("retired-key-after-junk", "expired says more than malformed", ours("junk", forged, retired), "expired")
    add("retired-key-after-unknown", "and than an unknown kid", ours(stranger, retired), "expired")
    add("retired-key-after-revoked", "and than revoked", ours(revoked, retired), "expired")
    add("revoked-key-after-junk", "the reason of the first", ours("junk", revoked), "malformed")
    add("revoked-key-before-junk", "the reason of the first", ours(revoked, "junk", stranger), "revoked")
    add("revoked-key-after-unknown", "the reason of the first", ours(stranger, revoked), "unknown_kid")


def more_cookie_headers(add, ours, good, next_one, other, dead, forged):
    first, second = claims(), claims(generation=4, issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)

    for name, header in [
        ("host-upper", f"__HOST-sg={good}"),
        ("sg-upper", f"__Host-SG={good}"),
        ("all-upper", f"__HOST-SG={good}"),
        ("one-letter", f"__Host-sG={good}"),
    ]:
        add(f"name-case-{name}", "names differing in case are other names", header, "missing")
    add("name-case-beside-ours", "and stay out of it", f"__host-sg={other}; {ours(good)}; __Host-SG={other}", first)

    spaces = {
        "nbsp": "\u00a0",
        "em-space": "\u2003",
        "ideographic-space": "\u3000",
        "zero-width-space": "\u200b",
        "line-separator": "\u2028",
        "next-line": "\u0085",
        "byte-order-mark": "\ufeff",
        "vertical-tab": "\v",
        "form-feed": "\f",
        "line-feed": "\n",
        "carriage-return": "\r",
        "nul": "\0",
    }
    for name, space in spaces.items():
        add(f"name-after-{name}", "nothing but SP and HTAB is trimmed", f"a=1;{space}__Host-sg={good}", "missing")
        add(f"name-before-{name}", "nothing but SP and HTAB is trimmed", f"__Host-sg{space}={good}", "missing")
        add(f"value-after-{name}", "nothing but SP and HTAB is trimmed", f"__Host-sg={space}{good}", "unknown_version")
        add(f"value-before-{name}", "nothing but SP and HTAB is trimmed", f"__Host-sg={good}{space}; a=1", "malformed")
    add("spaces-and-tabs", "as many as there are", f" \t \t__Host-sg\t \t=\t  \t{good} \t \t", first)
    add("name-with-space-inside", "another name", f"__Host -sg={good}", "missing")
    add("value-with-space-inside", "one cookie, bent", ours(f"{good[:30]} {good[30:]}"), "bad_mac")
    add("value-with-space-in-kid", "one cookie, bent", ours(f"{good[:9]} {good[9:]}"), "malformed")
    for name, lookalike in [
        ("cyrillic", "__\u041d\u043est-sg"),
        ("full-width", "__Host-\uff53\uff47"),
        ("long-s", "__Ho\u017ft-sg"),
        ("combining", "__Host-sg\u0301"),
        ("hyphen", "__Host\u2010sg"),
    ]:
        add(f"name-lookalike-{name}", "looks like ours, and is another", f"{lookalike}={good}", "missing")
    add("name-percent", "nothing is percent-decoded", f"__Host%2Dsg={good}", "missing")
    add("value-percent", "nothing is percent-decoded", ours("%76" + good[1:]), "unknown_version")

    add("version-attribute", "RFC 2965 is no more: $Version is a cookie", f"$Version=1; {ours(good)}; $Path=/", first)
    add("version-quoted", "and so it was written", f'$Version="1"; __Host-sg="{good}"; $Path="/"', "unknown_version")
    add("version-before-comma", "a comma separates nothing", f"$Version=1, __Host-sg={good}", "missing")
    add("version-inside-value", "the semicolon ends the value", f"a=$Version;{ours(good)}", first)
    add("dollar-name", "another name", f"$__Host-sg={good}", "missing")
    add("comma-after", "a comma belongs to the value", f"{ours(good)}, a=1", "malformed")
    add("comma-before-another", "a comma separates nothing", f"{ours(good)}, {ours(other)}", "malformed")

    add("quote-at-the-front", "half a quote", ours(f'"{good}'), "unknown_version")
    add("quote-at-the-end", "half a quote", ours(f'{good}"'), "malformed")
    add("quote-single", "no quote at all", ours(f"'{good}'"), "unknown_version")
    add("quoted-beside-good", "as junk beside a good one", ours(f'"{good}"', good), first)
    add("quotes-around-semicolons", "quotes protect nothing", f'a="x; {ours(good)}; y"', first)
    quoted = f'a="; {ours(other)}; "; {ours(good)}'
    add("quotes-around-ours-of-another", "quotes protect nothing", quoted, "ambiguous_session")
    add("backslash", "escapes nothing", f"a=\\; {ours(good)}", first)

    add("separators-alone", "no pairs", "; ;;\t; ", "missing")
    add("equals-alone", "neither name nor value", "=", "missing")
    add("name-empty", "a value without a name", f"={good}", "missing")
    add("name-empty-twice", "a value without a name", f"=__Host-sg={good}", "missing")
    add("value-blank", "there, but empty once trimmed", "__Host-sg= \t ; a=1", "malformed")
    add("value-empty-twice", "there, but empty", ours("", ""), "malformed")
    add("value-empty-beside-good", "as junk beside a good one", ours("", good, ""), first)
    add("name-alone-beside-good", "a pair without = has no name", f"__Host-sg; {ours(good)}", first)
    add("semicolon-missing", "a space separates nothing", f"a=1 {ours(good)}", "missing")

    same = claims(issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)
    same_generation = seal(issued_at_ms=NOW, expires_at_ms=NOW + MINUTE)
    add("same-generation", "of equal ones the first", ours(good, same_generation), first)
    add("same-generation-swapped", "of equal ones the first", ours(same_generation, good), same)
    ended = seal(generation=9, **at(NOW - MAX_LIFETIME))
    ahead = seal(generation=9, **at(NOW + MINUTE))
    add("higher-generation-expired", "only good ones count", ours(ended, good), first)
    add("higher-generation-ahead", "only good ones count", ours(good, ahead), first)
    third, other_ahead = seal(session="ses-" + "A" * 22), seal(session=OTHER_SESSION, **at(NOW + MINUTE))
    add("three-sessions", "nobody can say which is meant", ours(good, other, third), "ambiguous_session")
    add("two-sessions-then-forged", "nor does what follows", ours(good, other, *[forged] * 9), "ambiguous_session")
    add("two-sessions-one-ahead", "only good ones count", ours(other_ahead, good), first)
    add("expired-twice", "none is good", ours(dead, dead), "expired")
    add("expired-and-ahead", "expired says more", ours(ahead, dead), "expired")
    add("junk-in-front-of-ours", "fifty values that cost no MAC", ours(*["junk"] * 50, good), first)
    others = "; ".join(f"c{n}={n}" for n in range(100))
    add("junk-in-front-others", "a hundred cookies of others", f"{others}; {ours(good)}", first)
    nameless = "; ".join(["__Host-sg"] * 100)
    add("junk-in-front-nameless", "a hundred values without a name", f"{nameless}; {ours(good)}", first)
    add("junk-in-front-too-long", "a value longer than any token", ours("x" * 1_025, good), first)

    filled = f"{ours(good)}; a="
    add("size-8192", "as long as an edge reads", filled.ljust(MAX_COOKIE, "x"), first)
    add("size-8193", "longer than an edge reads", filled.ljust(MAX_COOKIE + 1, "x"), first)
    add("size-8193-ours", "one value of ours, longer than an edge reads", ours("x" * (MAX_COOKIE - 9)), "too_long")
    add("size-in-bytes", "4,200 characters, but 8,229 bytes of UTF-8", filled.ljust(4_200, "\u00e9"), first)

    def split(name, why, lines, expect):
        # How HTTP/2 may split a header, and what RFC 9113 §8.2.3 makes of it again.
        add(f"lines-{name}", why, "; ".join(lines), expect, lines=lines)

    split("one", "a single line", [ours(good)], first)
    split("ours-between", "a pair in each", ["a=1", ours(good), "b=2"], first)
    split("two-sessions", "as in one line", [ours(good), ours(other)], "ambiguous_session")
    split("two-generations", "as in one line", [ours(good), "a=1", ours(next_one)], second)
    split("junk-first", "as in one line", [ours("junk"), ours(forged), ours(good)], first)
    split("separators-at-the-ends", "empty pairs", ["a=1;", f";{ours(good)};", "; b=2"], first)
    split("pair-torn", "a pair is never split: here are two without a name", ["__Host-sg", f"={good}"], "missing")
    split("value-torn", "an empty value, and one without a name", ["__Host-sg=", good], "malformed")
    split("many", "each pair in a line of its own", [f"c{n}={n}" for n in range(60)] + [ours(good)], first)
    split("none-of-ours", "cookies of others", ["a=1", "b=2"], "missing")


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
        if "csrf" in sg.PUBLISHED[key.state]
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
    subkeys_ = {purpose: key.subkey(purpose).hex() for purpose in sg.PUBLISHED[key.state]}
    return {"id": "sk-" + sg.b64(key.kid), "tenant": key.tenant, "state": key.state, **subkeys_}


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
    documents_of_states(sealed, keyring)
    return cases


def documents_of_states(sealed, keyring):
    every = {**keyring, "keys": [published(key) for key in (DEMO, FORMER, RETIRED, REVOKED, ACME)]}
    sealed("every-state", "verifying, retired and revoked keys", sg.encode_keyring(every), every)
    for key in (RETIRED, REVOKED):
        alone = {**keyring, "keys": [published(key)]}
        sealed(f"{key.state}-alone", "no key verifies", sg.encode_keyring(alone), alone)
        twin = {**published(key), "id": published(DEMO)["id"]}
        twice = sg.encode_keyring({**keyring, "keys": [published(DEMO), twin]})
        sealed(f"duplicate-key-{key.state}", f"one id, verifying and {key.state}", twice, "duplicate_key")

    def one_key(key, tag, subkeys_):
        """A document of one key whose tag and subkeys are these."""
        head = sg.varint(RING_VERSION) + sg.varint(MAX_LIFETIME) + b"\1" + key.kid + b"\4demo"
        return head + tag + b"".join(key.subkey(purpose) for purpose in subkeys_)

    four, two = sg.PUBLISHED["verifying"], sg.PUBLISHED["retired"]
    sealed("tag-missing", "as before there were states", one_key(DEMO, b"", four))
    for tag in (3, 4, 0x7F):
        for count, subkeys_ in [("four", four), ("two", two), ("none", [])]:
            sealed(f"tag-{tag}-{count}", "an unknown state", one_key(DEMO, bytes([tag]), subkeys_))
    for tag, state, subkeys_ in [(0, "verifying", four), (1, "retired", two), (2, "revoked", [])]:
        long, wide = bytes([tag | 0x80, 0]), bytes([tag | 0x80, 0x80, 0x80, 0x80, 0x10])
        sealed(f"tag-{state}-overlong", "one byte longer than it need be", one_key(DEMO, long, subkeys_))
        sealed(f"tag-{state}-beyond-32-bits", "2^32 more, which has no room", one_key(DEMO, wide, subkeys_))
    for name, tag, subkeys_ in [
        ("verifying-without-subkeys", 0, []),
        ("verifying-without-tokens", 0, two),
        ("verifying-of-three", 0, four[:3]),
        ("retired-without-subkeys", 1, []),
        ("retired-of-one", 1, two[:1]),
        ("retired-of-three", 1, four[1:]),
        ("retired-with-tokens", 1, four),
        ("revoked-of-one", 2, two[:1]),
        ("revoked-of-two", 2, two),
        ("revoked-of-four", 2, four),
    ]:
        sealed(f"subkeys-{name}", "not the subkeys of its state", one_key(DEMO, bytes([tag]), subkeys_))
