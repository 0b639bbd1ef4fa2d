"""Tokens refused for their claims. All of them carry a MAC that holds: the origin would have to make them."""

import sealgate_v1 as sg
from fixtures import *

GOOD_BYTES = sg.encode_claims(CLAIMS)
BODY = sg.b64(GOOD_BYTES)


def add_all(no):

    def bad(name, why, token, **where):
        no("bad_claims", name, why, token, **where)

    def bent(name, why, key=DEMO, pieces=None, **changes):
        bad(name, why, seal_bent(pieces or {}, key, **changes))

    def text(name, length=None):
        def pieces(value):
            data = value if isinstance(value, bytes) else value.encode()
            return {f"{name}.length": length or sg.varint(len(data)), f"{name}.text": data}

        return pieces

    bad("claims-empty", "no claims", seal_text(""))
    bad("claims-base64-padded", "padding is refused", seal_text(BODY + "="))
    bad(
        "claims-base64-standard",
        "+ and / for - and _ (RFC 4648 §4)",
        seal_text(BODY.replace("-", "+").replace("_", "/")),
    )
    bad("claims-base64-length", "no bytes have one character over", seal_text(BODY[: len(BODY) // 4 * 4 + 1]))
    bad("claims-base64-foreign", "~ is in neither alphabet", seal_text(BODY[:-1] + "~"))
    texts = [sg.b64(sg.encode_claims(claims(roles=["r" * size]))) for size in (1, 2, 3)]
    two, three = (next(text for text in texts if len(text) % 4 == rest) for rest in (2, 3))
    bad("claims-trailing-bits-4", "one of four unused bits is set", seal_text(respelled(two, URL_ALPHABET)[7]))
    bad("claims-trailing-bits-2", "one of two unused bits is set", seal_text(respelled(three, URL_ALPHABET)[0]))
    bad("length-1024", "as long as a token may be, and read: no base64 has that length", seal_text("A" * 965))
    bad("claims-json", "JSON", sg.seal(b'{"session":"x","tenant":"demo"}', DEMO))
    bad("trailing-zero", "a zero byte left over", sg.seal(GOOD_BYTES + b"\0", DEMO))
    bad("trailing-claims", "the whole twice", sg.seal(GOOD_BYTES * 2, DEMO))

    position = 0
    for name, piece in sg.claim_fields(CLAIMS):
        token = sg.seal(GOOD_BYTES[: position + len(piece) - 1], DEMO)
        bad(f"truncated-{name}", f"ends one byte before the end of {name}", token)
        position += len(piece)

    fields = dict(sg.claim_fields(claims(actor_id="ada")))
    for name in ["tenant.tag", "tenant.length", "actor_type.length", "actor_id.tag", "actor_id.length", "issued_at"]:
        bent(
            f"overlong-{name}",
            "an integer one byte longer than it need be",
            pieces={name: overlong(fields[name])},
            actor_id="ada",
        )
    for name in ["lifetime", "authenticated_before", "generation", "roles.count", "roles.0.length"]:
        bent(f"overlong-{name}", "an integer one byte longer than it need be", pieces={name: overlong(fields[name])})
    bent("overlong-uuid-tag", "an integer one byte longer than it need be", pieces={"actor_id.tag": b"\x80\x00"})
    bent("overlong-ten-bytes", "zero in ten bytes", pieces={"lifetime": b"\x80" * 9 + b"\0"})
    bent("varint-eleven-bytes", "no 64-bit integer takes eleven bytes", pieces={"lifetime": b"\x80" * 10 + b"\0"})
    bent("varint-65-bits", "2^64", pieces={"lifetime": b"\x80" * 9 + b"\2"})
    bent("varint-33-bits", "a generation of 2^32", pieces={"generation": sg.varint(2**32)})

    bent("tenant-tag-2", "there is no third form of an id", pieces={"tenant.tag": b"\2"})
    bent("actor-tag-2", "there is no third form of an id", pieces={"actor_id.tag": b"\2"})
    tenant = text("tenant")
    for name, value, why in [
        ("empty", "", "no characters"),
        ("too-long", "a" * 64, "64 characters"),
        ("upper-case", "Demo", "lower case alone"),
        ("hyphen-first", "-demo", "a hyphen at the beginning"),
        ("hyphen-last", "demo-", "a hyphen at the end"),
        ("underscore", "de_mo", "not in the alphabet"),
    ]:
        bent(f"tenant-{name}", why, pieces=tenant(value))
    uuid_text = sg.varint(36) + UUID_TENANT.encode()
    bad(
        "tenant-uuid-as-text",
        "a canonical UUID has to travel as 16 bytes",
        seal_bent({"tenant.tag": b"\1", "tenant.uuid": uuid_text}, UUID_KEY, tenant=UUID_TENANT),
        tenant=UUID_TENANT,
    )
    for name, value, why in [
        ("empty", "", "no characters"),
        ("too-long", "a" * 33, "33 characters"),
        ("upper-case", "User", "lower case alone"),
        ("digit-first", "1user", "a letter comes first"),
        ("hyphen-first", "-user", "a letter comes first"),
        ("dot", "us.er", "not in the alphabet"),
    ]:
        bent(f"actor-type-{name}", why, pieces=text("actor_type")(value))
    for name, value, why in [
        ("empty", "", "no characters"),
        ("too-long", "x" * 129, "129 characters"),
        ("space", "a b", "no spaces"),
        ("newline", "a\nb", "no controls"),
        ("delete", "a\x7f", "no controls"),
        ("nul", "a\0", "no controls"),
        ("not-ascii", "\u00e9", "ASCII alone"),
        ("not-utf-8", b"\xff\xfe", "no text at all"),
    ]:
        bent(f"actor-{name}", why, pieces=text("actor_id")(value), actor_id="ada")
    bent(
        "actor-uuid-as-text",
        "a canonical UUID has to travel as 16 bytes",
        pieces=text("actor_id")(ACTOR),
        actor_id="ada",
    )
    bent(
        "actor-length-too-large",
        "a length beyond the end",
        actor_id="ada",
        pieces={"actor_id.length": sg.varint(2**31)},
    )
    bent(
        "actor-length-64-bits", "a length of 2^64 - 1", actor_id="ada", pieces={"actor_id.length": sg.varint(2**64 - 1)}
    )

    for name, roles, why in [
        ("unsorted", ["reader", "admin"], "not in order"),
        ("unsorted-case", ["a", "B"], "sorted as letters, not as bytes"),
        ("twice", ["admin", "admin"], "one role twice"),
        ("too-many", [f"role-{n:02}" for n in range(17)], "17 roles"),
        ("too-long", ["r" * 33], "33 characters"),
        ("empty", [""], "a role of no characters"),
        ("comma", ["a,b"], "the character that stands between roles in a header"),
        ("not-ascii", ["r\u00f4le"], "ASCII alone"),
    ]:
        bent(f"roles-{name}", why, roles=roles)
    bent("roles-count-short", "a role left over", pieces={"roles.count": b"\1"})
    bent("roles-count-long", "a role missing", pieces={"roles.count": b"\3"})
    bent(
        "roles-count-huge",
        "2^40 roles announced: nothing is set aside for them",
        pieces={"roles.count": sg.varint(2**40)},
    )

    latest = sg.MAX_TIME_MS
    bent("expires-after-the-end", "one millisecond past the year 9999", **at(latest - MINUTE, MINUTE + 1))
    bent("issued-after-the-end", "one millisecond past the year 9999", **at(latest + 1, 0))
    bent(
        "times-overflow",
        "issued-at and lifetime do not fit 64 bits together",
        pieces={"issued_at": sg.varint(NOW), "lifetime": sg.varint(2**64 - 1)},
    )
    bent(
        "authenticated-before-the-epoch",
        "a difference greater than issued-at",
        pieces={"authenticated_before": sg.varint(NOW)},
    )
    bent(
        "claims-before-tenant",
        "another tenant's claims with a byte too many",
        pieces={"tenant.text": b"acme", "assurance": b"\1\0"},
    )
