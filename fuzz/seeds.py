"""Writes the test vectors as seeds of the fuzzers: corpus/<target>/seed-<name>. Needs Python 3.9 and nothing else."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "shared" / "tests" / "vectors"
sys.path.insert(0, str(VECTORS))
sys.dont_write_bytecode = True

import aes_gcm
import feed_v1
import sealgate_v1 as sg

# See src/cookie_header.rs: what these characters stand for.
HEADERS = [
    "__Host-sg=\1",
    "a=1; __Host-sg=\1; __Host-sg=\2; __Host-sg_csrf=x",
    "__Host-sg=\1; __Host-sg=\3",
    "__Host-sg=\4; __Host-sg=\5; __Host-sg=\6; __Host-sg=\7; __Host-sg=\10",
    "__Host-sg=\16; __Host-sg=\17; __Host-sg=\6; __Host-sg=\1",
    "__Host-sg=\17; __Host-sg=\5; __Host-sg=\16; __Host-sg=\4",
    "__Host-sg=\5; __Host-sg=\5; __Host-sg=\5; __Host-sg=\5; __Host-sg=\1",
    "sg=\1; sg_refresh=x; sg_csrf=y; sg_login=z; sg_detour=1",
    "__Host-sg_refresh=x;__Host-sg_login=\t\"y\" ;\t__Host-sg_detour==",
]

# See src/path.rs: the table, and in the last line what is asked for.
TABLE = "+/public\n-/public/private\n+/public/private/open\n"
PATHS = (
    "/ /public /public/ /publicity /public/a /public/private /public/PRIVATE /public/private/open/a /PUBLIC "
    "/public/../private /public/./a /public//a //public /public/a;x=1 /public;x /public/a\\b /public/%2e%2e/a "
    "/public/%2E /public/%2fa /public/%5Ca /public/%70rivate /public/%00 /public/%25 /public/%3f /public/%3b "
    "/public/% /public/%2 /public/%zz /public/a%20b /public/%C3%A9 /public/%c3%a9 /public/private. /public/private%20 "
    "/public/%c0%afprivate /public/... /public/~a /public/a:b@c /public/%E2%84%AA"
).split()
TABLES = ["", TABLE, "+/\n-/a/b\n", "+/a\n-/A\n", "-/A/b\n+/a\n+/a/b/c\n", "+/a%20b\n-/a%20b/%C3%A9\n", "-/%61\n+/a\n"]
TABLES += ["n/a\nf/A\no/a\n", "o/a\nf/a/b\na/A/b\n", "n/\na/a%20b\n+/a/b\n"]
TABLES += ["1/a\nq/A\nt/a\n", "t/\n1/a\n+/a/b\n", "q/\n1/A/b\n-/a\n"]


def seeds():
    vectors = json.loads((VECTORS / "v1.json").read_text(encoding="utf-8"))
    tenants = [key["tenant"] for key in vectors["ring"]["keys"]]
    for case in vectors["tokens"]:
        place = (case["kind"] == "bearer") | tenants.index(case["tenant"]) << 1
        signed, _, mac = case["token"].rpartition(".")
        yield "token", case["name"], bytes([place]) + case["token"].encode()
        yield "token", case["name"] + "-signed", bytes([place]) + f"{signed}.{'?' if place & 1 else '!'}".encode()
        yield "cookie_header", "token-" + case["name"], b"__Host-sg=" + case["token"].encode()
        try:
            yield "claims", case["name"], sg.unb64(case["token"].split(".")[2])
        except (IndexError, sg.Bad):
            pass  # no claims in it
    for case in vectors["cookie_headers"]:
        yield "cookie_header", case["name"], case["header"].encode()
    for number, header in enumerate(HEADERS):
        yield "cookie_header", f"marks-{number}", header.encode()
    for case in vectors["keyring_documents"]:
        sealed, secret = bytes.fromhex(case["sealed"]), bytes.fromhex(case["secret"])
        yield "keyring", case["name"] + "-envelope", b"e" + sealed
        key, aad = sg.edge_key(secret, "seal"), sg.associated_data(case["edge"])
        content = aes_gcm.decrypt(key, sealed[1:13], sealed[13:], aad)
        if content is not None:
            yield "keyring", case["name"], b"c" + content
    yield from refresh_seeds(tenants, json.loads((VECTORS / "refresh.json").read_text(encoding="utf-8")))
    yield from feed_seeds(json.loads((VECTORS / "feed.json").read_text(encoding="utf-8")))
    for number, path in enumerate(PATHS):
        yield "path", str(number), path.encode()
        yield "path", f"{number}-table", (TABLE + path).encode()
    for number, table in enumerate(TABLES):
        for path in ["/a", "/A/b", "/a%20b/c", "/a/b/c"]:
            yield "path", f"table-{number}-{path.replace('/', '_')}", (table + path).encode()


# See src/refresh.rs: what the first byte says, and which MACs need not be right.
def refresh_seeds(tenants, vectors):
    for case in vectors["tokens"]:
        bearer = case["channel"] == "bearer"
        # One of a tenant that the ring does not know is tried as another's.
        tenant = tenants.index(case["tenant"]) if case["tenant"] in tenants else 1
        place, parts = bytes([bearer | tenant << 1]), case["token"].split(".")
        yield "refresh", case["name"], place + case["token"].encode()
        if len(parts) == 5:
            mark = "?" if bearer else "!"
            yield "refresh", case["name"] + "-outer", place + ".".join([*parts[:4], "!"]).encode()
            yield "refresh", case["name"] + "-signed", place + ".".join([*parts[:3], mark, "!"]).encode()
    for case in vectors["cookie_headers"]:
        values = list(sg.values_of(case["header"], "__Host-sg_refresh"))
        if values:
            yield "refresh", "header-" + case["name"], b"\0" + "\n".join(values).encode()


# See src/feed.rs: what the first bytes say.
def feed_seeds(vectors):
    def contents(of):
        return b"".join(len(content).to_bytes(2, "big") + content for content in of)

    for case in vectors["heads"]:
        sealed, secret = bytes.fromhex(case["sealed"]), bytes.fromhex(case["secret"])
        yield "feed", f"head-{case['name']}-envelope", b"e" + sealed
        content = open_as(sealed, secret, feed_v1.HEAD_PURPOSE)
        if content is not None:
            yield "feed", "head-" + case["name"], b"h" + content
    for case in vectors["snapshots"]:
        stream, secret = bytes.fromhex(case["bytes"]), bytes.fromhex(case["secret"])
        yield "feed", f"snapshot-{case['name']}-stream", b"s\7" + stream
        parts = []
        while len(stream) >= 4:
            length = int.from_bytes(stream[:4], "big")
            parts.append(open_as(stream[4 : 4 + length], secret, feed_v1.SNAPSHOT_PURPOSE) or b"")
            stream = stream[4 + length :]
        yield "feed", "snapshot-" + case["name"], b"p\x11" + contents(parts)
    for case in vectors["sets"]:
        documents = []
        for step in case["steps"]:
            told = step.get("head") or step["snapshot"]
            head = {"challenge": "", "after": 0, "keyring": 1, "snapshot": 1, **told}
            documents.append((b"\0" if "head" in step else b"\1") + feed_v1.joined(feed_v1.head_fields(head)))
        yield "feed", "set-" + case["name"], b"t" + contents(documents)


def open_as(sealed, secret, purpose):
    return aes_gcm.decrypt(sg.edge_key(secret, "seal"), sealed[1:13], sealed[13:], sg.associated_data("edge-1", purpose))


if __name__ == "__main__":
    for target, name, data in seeds():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"seed-{name}").write_bytes(data)
