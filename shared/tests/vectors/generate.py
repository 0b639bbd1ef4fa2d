"""Writes v1.json, feed.json and refresh.json. The same bytes every time: `check.py` fails when they and this script
disagree."""

import json
import pathlib

import feed_cases
import feed_v1
import other_cases
import refresh_cases
import refresh_v1 as rf
import sealgate_v1 as sg
import token_cases
from fixtures import *

PATH = pathlib.Path(__file__).with_name("v1.json")
FEED_PATH = PATH.with_name("feed.json")
REFRESH_PATH = PATH.with_name("refresh.json")

ABOUT = [
    "Test vectors for sealgate's formats, version 1; docs/FORMAT.md describes the formats and these fields.",
    "Written by generate.py, from an implementation that shares nothing with the Rust crate. Change that, not this.",
    "tokens: each is verified as `kind` for `tenant` at `now_ms` with the ring below. `cookie` says whether the",
    "token can travel in a Cookie header, for those who test a whole server.",
    "ring: `state` says what a verifier may know of the key; it is never given the signing key itself.",
    "cookie_headers: `cookie` says the same of the header. `lines`: how it may come in several header lines.",
    "`edge_answers`: what a whole edge answers to a header that is longer than it reads.",
]

ABOUT_FEED = [
    "Test vectors for the feed of revocations of sealgate's formats, version 1; docs/FORMAT.md describes these fields.",
    "Written by generate.py, from an implementation that shares nothing with the Rust crate. Change that, not this.",
    "heads: sealed documents. snapshots: the bytes of whole snapshots, read for `position`.",
    "sets: what a set makes of one step after the other, where it stands then, and which tokens it hits in the end.",
]

ABOUT_REFRESH = [
    "Test vectors for the refresh tokens of sealgate's formats, version 1; docs/FORMAT.md describes these fields.",
    "Written by generate.py, from an implementation that shares nothing with the Rust crate. Change that, not this.",
    "The ring is that of v1.json. tokens: each is filtered for `channel` and `tenant` at `now_ms`; `proves` says",
    "whether the inner MAC of what has passed holds. `cookie`: whether it can travel in a Cookie header.",
]


def ring():
    return {
        "version": RING_VERSION,
        "max_lifetime_ms": MAX_LIFETIME,
        "keys": [ring_key(key) for key in KEYS],
    }


def ring_key(key):
    return {"kid": sg.b64(key.kid), "tenant": key.tenant, "state": key.state, "signing_key": key.signing_key.hex()}


def vectors():
    return {
        "about": ABOUT,
        "format": "v1",
        "max_length": sg.MAX_LENGTH,
        "leeway_ms": sg.LEEWAY_MS,
        "ring": ring(),
        "subkeys": other_cases.subkeys(),
        "csrf": other_cases.csrf_tokens(),
        "edges": other_cases.edges(),
        "tokens": token_cases.CASES,
        "cookie_headers": other_cases.cookie_headers(),
        "keyring_documents": other_cases.keyring_documents(),
    }


def feed_vectors():
    return {
        "about": ABOUT_FEED,
        "format": "v1",
        "seal_ids": feed_cases.seal_ids(),
        "heads": feed_cases.heads(),
        "snapshots": feed_cases.snapshots(),
        "sets": feed_cases.sets(),
    }


def refresh_vectors():
    return {
        "about": ABOUT_REFRESH,
        "format": rf.VERSION,
        "max_length": rf.MAX_LENGTH,
        "tokens": refresh_cases.CASES,
        "cookie_headers": refresh_cases.cookie_headers(),
    }


def text(of):
    return json.dumps(of, indent=1) + "\n"


def worked_example():
    """The example of docs/FORMAT.md, line by line."""
    token = token_cases.GOOD
    version, kid, _, mac = token.split(".")
    subkey = DEMO.subkey("access")
    lines = [
        f"signing key   {DEMO.signing_key.hex()}",
        "tenant        demo",
        f"info          {(b'access' + bytes(1) + b'demo').hex()}",
        f"access subkey {subkey.hex()}",
        "",
        f"kid           {DEMO.kid.hex()} = {kid}",
        "claims",
    ]
    for name, piece in sg.claim_fields(CLAIMS):
        lines.append(f"  {name:<22}{piece.hex()}")
    lines += ["", f"mac           {sg.unb64(mac).hex()}", "", "token", token[:79], token[79:]]
    session = sg.unb64(CLAIMS["session"].removeprefix("ses-"))
    lines += ["", f"CSRF token    {sg.csrf_token(DEMO.signing_key, 'demo', session)}"]
    return "\n".join(lines)


def feed_example():
    """The example of the feed in docs/FORMAT.md."""
    head = next(case for case in feed_cases.heads() if case["name"] == "worked-example")
    sealed = bytes.fromhex(head["sealed"])
    lines = [
        f"edge          {head['edge']}",
        f"secret        {head['secret']}",
        f"seal id       {sg.seal_id(bytes.fromhex(head['secret']))}",
        f"seal          {sg.edge_key(bytes.fromhex(head['secret']), 'seal').hex()}",
        "",
        "head",
    ]
    for name, piece in feed_v1.head_fields(head["expect"]["ok"]):
        lines.append(f"  {name:<29}{piece.hex()}")
    lines += ["", "envelope"]
    lines += [f"  version                      {sealed[:1].hex()}"]
    lines += [f"  nonce                        {sealed[1:13].hex()}"]
    lines += ["  ciphertext"]
    lines += ["    " + sealed[13:-16][at : at + 48].hex() for at in range(0, len(sealed) - 29, 48)]
    return "\n".join([*lines, f"  tag                          {sealed[-16:].hex()}"])


def refresh_example():
    """The example of the refresh token in docs/FORMAT.md."""
    token = refresh_cases.GOOD
    _, kid, _, inner, outer = token.split(".")
    lines = [
        "signing key             that of demo, above",
        f"refresh subkey          {DEMO.subkey('refresh').hex()}",
        f"refresh-filter subkey   {DEMO.subkey('refresh-filter').hex()}",
        "",
        f"kid                     {DEMO.kid.hex()} = {kid}",
        "body",
    ]
    for name, piece in rf.body_fields(refresh_cases.BODY):
        lines.append(f"  {name:<22}{piece.hex()}")
    for name, mac in [("inner", inner), ("outer", outer)]:
        lines += ["", f"{name}                   {sg.unb64(mac).hex()}"]
    return "\n".join([*lines, "", "token", token[:79], token[79:]])


if __name__ == "__main__":
    PATH.write_text(text(vectors()))
    FEED_PATH.write_text(text(feed_vectors()))
    REFRESH_PATH.write_text(text(refresh_vectors()))
    print(worked_example(), feed_example(), refresh_example(), sep="\n\n\n")
