"""Checks v1.json, feed.json and refresh.json with the Python implementation, and that generate.py and docs/FORMAT.md
agree with them.

Needs Python 3.9 and nothing else. Run it from anywhere: `python3 shared/tests/vectors/check.py`.
"""

import json
import pathlib
import sys

import aes_gcm
import feed_v1
import generate
import refresh_v1 as rf
import sealgate_v1 as sg

FORMAT = pathlib.Path(__file__).parents[3] / "docs" / "FORMAT.md"
LABELS = {
    "too_long",
    "malformed",
    "unknown_version",
    "unknown_kid",
    "bad_mac",
    "bad_claims",
    "wrong_tenant",
    "lifetime_too_long",
    "issued_in_future",
    "expired",
    "revoked",
}


class Score:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, given, expected):
        if given == expected:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}: expected {expected}, got {given}")


def outcome(function, *arguments):
    try:
        return {"ok": function(*arguments)}
    except sg.Reject as reject:
        return {"reject": str(reject)}


def read_keys(vectors):
    return {
        key["kid"]: sg.Key(sg.unb64(key["kid"]), key["tenant"], bytes.fromhex(key["signing_key"]), key["state"])
        for key in vectors["ring"]["keys"]
    }


def check_cases(score, vectors):
    keys = read_keys(vectors)
    ring = sg.Ring(vectors["ring"]["max_lifetime_ms"], keys.values())
    for case in vectors["tokens"]:
        given = outcome(sg.verify, case["token"], case["kind"], ring, case["tenant"], case["now_ms"])
        score.check("token " + case["name"], given, case["expect"])
    for case in vectors["cookie_headers"]:
        given = outcome(sg.select, case["header"], ring, case["tenant"], case["now_ms"])
        score.check("cookie header " + case["name"], given, case["expect"])
        lines = case.get("lines", [case["header"]])
        score.check("cookie header " + case["name"] + ", joined", "; ".join(lines), case["header"])
    for case in vectors["subkeys"]:
        given = keys[case["kid"]].subkey(case["purpose"]).hex()
        score.check(f"subkey {case['purpose']} of {case['tenant']}", given, case["subkey"])
    for case in vectors["csrf"]:
        key, session = keys[case["kid"]], sg.unb64(case["session"].removeprefix("ses-"))
        score.check(
            "CSRF token of " + case["session"], sg.csrf_token(key.signing_key, key.tenant, session), case["token"]
        )
    for case in vectors["edges"]:
        secret = bytes.fromhex(case["secret"])
        given = [
            sg.edge_key(secret, "auth").hex(),
            sg.edge_key(secret, "seal").hex(),
            sg.credential(secret, case["edge"]),
        ]
        score.check("edge " + case["edge"], given, [case["auth"], case["seal"], case["credential"]])
    for case in vectors["keyring_documents"]:
        sealed, secret = bytes.fromhex(case["sealed"]), bytes.fromhex(case["secret"])
        score.check("keyring " + case["name"], outcome(sg.open_keyring, sealed, case["edge"], secret), case["expect"])


def check_feed(score, vectors):
    for case in vectors["seal_ids"]:
        score.check("seal id of " + case["edge"], sg.seal_id(bytes.fromhex(case["secret"])), case["seal_id"])
    for case in vectors["heads"]:
        sealed, secret = bytes.fromhex(case["sealed"]), bytes.fromhex(case["secret"])
        score.check("head " + case["name"], outcome(feed_v1.open_head, sealed, case["edge"], secret), case["expect"])
    for case in vectors["snapshots"]:
        data, secret = bytes.fromhex(case["bytes"]), bytes.fromhex(case["secret"])
        given = outcome(feed_v1.read_snapshot, data, case["position"], case["edge"], secret)
        score.check("snapshot " + case["name"], given, case["expect"])
    for case in vectors["sets"]:
        held, what = feed_v1.RevocationSet(), "set " + case["name"]
        for step in case["steps"]:
            then = held.take_head(step["head"]) if "head" in step else held.take_snapshot(step["snapshot"])
            given = [then, held.position if held.position[0] else None]
            position = step["position"]
            score.check(what, given, [step["then"], feed_v1.place(position) if position else None])
        for token in case["tokens"]:
            score.check(what, held.hits(token), token["hit"])
    labels = {case["expect"].get("reject") for case in [*vectors["heads"], *vectors["snapshots"]]} - {None}
    score.check("every label of the feed occurs", labels, {"envelope", "content", "sequence", "incomplete"})
    for of in ("heads", "snapshots", "sets"):
        score.check("names are unique", len({case["name"] for case in vectors[of]}), len(vectors[of]))


def check_refresh(score, vectors, ring):
    score.check("the longest refresh token", vectors["max_length"], rf.MAX_LENGTH)
    for case in vectors["tokens"]:
        what, token = "refresh token " + case["name"], case["token"]
        given = outcome(rf.filter, token, case["channel"], ring, case["tenant"], case["now_ms"])
        score.check(what, given, case["expect"])
        if "ok" in given:
            score.check(what + ", proved", "ok" in outcome(rf.prove, token, ring), case["proves"])
        else:
            score.check(what + " proves nothing", "proves" in case, False)
    for case in vectors["cookie_headers"]:
        given = outcome(rf.select, case["header"], ring, case["tenant"], case["now_ms"])
        score.check("refresh cookie header " + case["name"], given, case["expect"])
    labels = {case["expect"].get("reject") for case in vectors["tokens"]} - {None}
    score.check("every label occurs", labels, LABELS - {"lifetime_too_long", "issued_in_future"})
    score.check("forged within, too", sum(case.get("proves") is False for case in vectors["tokens"]) >= 20, True)
    for of in ("tokens", "cookie_headers"):
        score.check("names are unique", len({case["name"] for case in vectors[of]}), len(vectors[of]))


def check_set(score, tokens, headers):
    """That the set is worth its name."""
    labels = {case["expect"].get("reject") for case in tokens} - {None}
    negative = sum("reject" in case["expect"] for case in tokens)
    score.check("every label occurs", labels, LABELS)
    score.check("at least 80 tokens", len(tokens) >= 80, True)
    score.check("most are negative", negative > len(tokens) / 2, True)
    for cases in (tokens, headers):
        score.check("names are unique", len({case["name"] for case in cases}), len(cases))


def check_primitives(score):
    """The two that Python does not bring along, against published vectors."""
    # RFC 5869, appendix A.1.
    given = sg.hkdf(bytes(range(13)), b"\x0b" * 22, bytes(range(0xF0, 0xFA)), 42).hex()
    expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    score.check("HKDF", given, expected)
    # The GCM specification (McGrew and Viega), test case 16.
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308") * 2
    message = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        "b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    given = aes_gcm.encrypt(key, bytes.fromhex("cafebabefacedbaddecaf888"), message, aad).hex()
    expected = (
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        "c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    score.check("AES-256-GCM", given, expected)


def main():
    score = Score()
    paths = (generate.PATH, generate.FEED_PATH, generate.REFRESH_PATH)
    text, feed, refresh = (path.read_text(encoding="utf-8") for path in paths)
    check_primitives(score)
    vectors = json.loads(text)
    check_cases(score, vectors)
    check_set(score, vectors["tokens"], vectors["cookie_headers"])
    check_feed(score, json.loads(feed))
    ring = sg.Ring(vectors["ring"]["max_lifetime_ms"], read_keys(vectors).values())
    check_refresh(score, json.loads(refresh), ring)
    score.check("v1.json is what generate.py writes", text == generate.text(generate.vectors()), True)
    score.check("feed.json is what generate.py writes", feed == generate.text(generate.feed_vectors()), True)
    score.check("refresh.json is what generate.py writes", refresh == generate.text(generate.refresh_vectors()), True)
    page = FORMAT.read_text(encoding="utf-8")
    score.check("docs/FORMAT.md shows the worked example", generate.worked_example() in page, True)
    score.check("docs/FORMAT.md shows the example of the feed", generate.feed_example() in page, True)
    score.check("docs/FORMAT.md shows the refresh token", generate.refresh_example() in page, True)
    print(f"{score.passed} passed, {score.failed} failed")
    return score.failed == 0


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
