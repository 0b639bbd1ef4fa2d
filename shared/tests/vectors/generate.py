"""Writes v1.json. The same bytes every time: `check.py` fails when the file and this script disagree."""

import json
import pathlib

import other_cases
import sealgate_v1 as sg
import token_cases
from fixtures import *

PATH = pathlib.Path(__file__).with_name("v1.json")

ABOUT = [
    "Test vectors for sealgate's formats, version 1; docs/FORMAT.md describes the formats and these fields.",
    "Written by generate.py, from an implementation that shares nothing with the Rust crate. Change that, not this.",
    "tokens: each is verified as `kind` for `tenant` at `now_ms` with the ring below. `cookie` says whether the",
    "token can travel in a Cookie header, for those who test a whole server.",
    "ring: `state` says what a verifier may know of the key; it is never given the signing key itself.",
    "cookie_headers: `cookie` says the same of the header. `lines`: how it may come in several header lines.",
    "`edge_answers`: what a whole edge answers to a header that is longer than it reads.",
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


def text():
    return json.dumps(vectors(), indent=1) + "\n"


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


if __name__ == "__main__":
    PATH.write_text(text())
    print(worked_example())
