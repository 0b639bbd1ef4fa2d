"""The cases of the feed: what names a secret, heads, snapshots, and sets made of them."""

import feed_v1 as feed
import sealgate_v1 as sg
from fixtures import *
from other_cases import EDGE, EDGE_SECRET, NONCE

MAKING = digest("making")[:8]
EXPIRY = NOW + MAX_LIFETIME


def of_session(session=SESSION, expires=EXPIRY):
    return {"kind": "session", "session": session, "expires_at_ms": expires}


def of_key(key=DEMO, expires=EXPIRY):
    return {"kind": "key", "key": "sk-" + sg.b64(key.kid), "expires_at_ms": expires}


def of_tenant(tenant="acme", before=NOW, expires=EXPIRY):
    return {"kind": "tenant", "tenant": tenant, "issued_before_ms": before, "expires_at_ms": expires}


def of_actor(spared=None, before=NOW, expires=EXPIRY, tenant="demo", actor_type="user", actor_id=ACTOR):
    actor = {"kind": "actor", "tenant": tenant, "actor_type": actor_type, "actor_id": actor_id, "except": spared}
    return {**actor, "issued_before_ms": before, "expires_at_ms": expires}


def numbered(number):
    return "ses-" + sg.b64(digest(f"session {number}")[:16])


EVERY_KIND = [
    of_session(),
    of_actor(OTHER_SESSION, expires=EXPIRY + 1_000),
    of_tenant(expires=EXPIRY + 200_000),
    of_key(expires=EXPIRY + 1_000),
]


def at(sequence, epoch=1):
    return {"epoch": epoch, "sequence": sequence}


HEAD = {
    "challenge": "0b5c",
    "position": at(300),
    "after": 296,
    "keyring": RING_VERSION,
    "snapshot": 298,
    "entries": EVERY_KIND,
}


def head(**changes):
    return {**HEAD, **changes}


def bent(fields, pieces):
    """The document with some pieces replaced."""
    unknown = set(pieces) - {name for name, _ in fields}
    assert not unknown, unknown
    return b"".join(pieces.get(name, piece) for name, piece in fields)


def seal_ids():
    return [
        {"edge": edge, "secret": secret.hex(), "seal_id": sg.seal_id(secret)}
        for edge, secret in [(EDGE, EDGE_SECRET), ("e" * 63, bytes(32))]
    ]


# --- Heads --------------------------------------------------------------------------------------------


def heads():
    cases = []

    def add(name, why, sealed, expect, edge=EDGE, secret=EDGE_SECRET):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "edge": edge, "secret": secret.hex(), "sealed": sealed.hex()}
        cases.append({**case, "expect": expect})

    def content(name, why, document):
        add(name, why, feed.seal_head(document, EDGE, EDGE_SECRET, NONCE), "content")

    good_heads(add)
    envelopes_of_heads(add)
    for name, why, document in bent_documents(feed.head_fields(HEAD)):
        content(name, why, document)
    contents_of_heads(content)
    return cases


def good_heads(add):
    def ok(name, why, **changes):
        value = head(**changes)
        document = feed.joined(feed.head_fields(value))
        add(name, why, feed.seal_head(document, EDGE, EDGE_SECRET, NONCE), value)

    ok("worked-example", "the head taken apart in docs/FORMAT.md", entries=[of_session(), EVERY_KIND[1]])
    ok("every-kind", "one entry of each kind")
    ok("for-many", "no challenge: a cache may hand it out", challenge="")
    ok("challenge-64", "as long as an edge may send", challenge="c" * 64)
    ok("challenge-utf-8", "any text; the edge knows what it sent", challenge="\ufeff\u00e9\U0001f511")
    ok("no-entries", "nothing was revoked in the last minute", entries=[], after=300)
    ok("first-of-all", "before the first revocation", position=at(0), after=0, snapshot=0, entries=[])
    ok("after-zero", "all that there ever was", after=0)
    ok("numbers-127", "the longest of one byte", position=at(127), after=127, keyring=127, snapshot=127)
    ok("numbers-128", "the shortest of two bytes", position=at(128), after=128, keyring=128, snapshot=128)
    most = 2**64 - 1
    ok("numbers-largest", "64 bits", position=at(most, most), after=most, keyring=most, snapshot=most)
    for entry in EVERY_KIND:
        ok(f"{entry['kind']}-alone", "an entry of this kind", entries=[entry])
    ok("actor-without-exception", "no session is spared", entries=[of_actor()])
    longest = of_actor(SESSION, tenant=LONG_TENANT, actor_type="u" * 32, actor_id="~" * 128)
    ok("actor-longest", "every id as long as it may be", entries=[longest])
    ok("actor-id-uuid", "a UUID is a string like any other", entries=[of_actor(tenant=UUID_TENANT)])
    ok("tenant-uuid", "a UUID is a string like any other", entries=[of_tenant(UUID_TENANT)])
    ok("same-twice", "nobody forbids it", entries=[of_session(), of_session()])
    ok("issued-before-nothing", "hits nothing", entries=[of_tenant(before=0)])
    ok("issued-before-everything", "the last moment there is", entries=[of_tenant(before=sg.MAX_TIME_MS)])
    ok("expiry-first", "the first second of all", entries=[of_session(expires=0)])
    last = of_session(expires=sg.MAX_TIME_MS)
    ok("expiry-last", "the last moment there is, rounded up, and down again", entries=[last])
    ok("expiries-apart", "the first and the last", entries=[last, of_key(expires=0)])
    many = [of_session(numbered(n), EXPIRY + 1_000 * n) for n in range(130)]
    ok("hundred-and-thirty", "a count of two bytes", entries=many)


def envelopes_of_heads(add):
    document = feed.joined(feed.head_fields(HEAD))
    good, key = feed.seal_head(document, EDGE, EDGE_SECRET, NONCE), sg.edge_key(EDGE_SECRET, "seal")

    def flipped(position):
        return good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :]

    add("other-edge", "sealed to an edge of another name", good, "envelope", edge="edge-2")
    add("other-secret", "sealed under another secret", good, "envelope", secret=digest("another secret"))
    for name, why, aad in [
        ("purpose-snapshot", "a part of a snapshot", sg.associated_data(EDGE, feed.SNAPSHOT_PURPOSE)),
        ("purpose-keyring", "another kind of document", sg.associated_data(EDGE)),
        ("purpose-feed", "another kind of document", b"sealgate/v1/feed\0" + EDGE.encode()),
        ("no-separator", "the zero byte is missing", feed.HEAD_PURPOSE + EDGE.encode()),
        ("no-associated-data", "bound to nothing", b""),
    ]:
        add(name, why, b"\1" + NONCE + sg.aes_gcm.encrypt(key, NONCE, document, aad), "envelope")
    aad = sg.associated_data(EDGE, feed.HEAD_PURPOSE)
    wrong = sg.edge_key(EDGE_SECRET, "auth")
    add("under-auth", "another key", b"\1" + NONCE + sg.aes_gcm.encrypt(wrong, NONCE, document, aad), "envelope")
    add("version-2", "an unknown version", b"\2" + good[1:], "envelope")
    add("bent-nonce", "one bit of the nonce", flipped(1), "envelope")
    add("bent-document", "one bit of the ciphertext", flipped(20), "envelope")
    add("bent-tag", "one bit of the tag", flipped(len(good) - 1), "envelope")
    for length in [0, 1, 12, 13, 28, 29, len(good) - 1]:
        add(f"cut-to-{length}", f"{length} bytes of {len(good)}", good[:length], "envelope")
    add("extended", "one byte more", good + b"\0", "envelope")


NO_VARINTS = ("text", "session", "key", "making", "there", "is_last")


def bent_documents(fields):
    """Documents that open, and are none: of heads and of the parts of snapshots alike."""
    document = feed.joined(fields)
    yield "empty-document", "holds nothing", b""
    yield "trailing-byte", "a byte is left over", document + b"\0"
    yield "twice", "the whole twice", document * 2
    position = 0
    for name, piece in fields:
        position += len(piece)
        yield f"truncated-{name}", f"ends one byte before the end of {name}", document[: position - 1]
    for name, piece in fields:
        if name.rpartition(".")[2] not in NO_VARINTS:
            document = bent(fields, {name: overlong(piece)})
            yield f"overlong-{name}", "an integer one byte longer than it need be", document
    over_64 = b"\xff" * 9 + b"\2"
    for name in ("position.epoch", "position.sequence", "base", "entries.0.expires_after"):
        yield f"{name}-beyond-64-bits", "an integer that has no room", bent(fields, {name: over_64})

    def piece(name, value):
        return bent(fields, {name: value})

    yield "one-entry-short", "announces five, holds four", piece("entries.count", b"\5")
    yield "one-entry-over", "announces three, holds four", piece("entries.count", b"\3")
    yield "entries-beyond-memory", "announces 2^64 - 1", piece("entries.count", b"\xff" * 9 + b"\1")
    for kind in (b"\4", b"\x7f", b"\xff\xff\xff\xff\x0f"):
        yield f"kind-{kind.hex()}", "an unknown kind", piece("entries.0.kind", kind)
    yield "kind-beyond-32-bits", "2^32 more, which has no room", piece("entries.0.kind", b"\x80\x80\x80\x80\x10")
    yield "exception-neither", "neither there nor not", piece("entries.1.except.there", b"\2")
    yield "exception-missing", "there, and is not", piece("entries.1.except.session", b"")
    yield "exception-not-announced", "not there, and is", piece("entries.1.except.there", b"\0")
    for name, wrong in [
        ("upper-case", b"\4Demo"),
        ("empty", b"\0"),
        ("hyphen", b"\5demo-"),
        ("64", b"\x40" + b"t" * 64),
        ("space", b"\5demo "),
        ("nul", b"\5demo\0"),
        ("not-utf-8", b"\4dem\xff"),
    ]:
        pieces = {"entries.1.tenant.length": wrong[:1], "entries.1.tenant.text": wrong[1:]}
        yield f"tenant-{name}", "a tenant that cannot be", bent(fields, pieces)
        if name != "upper-case":
            pieces = {"entries.1.actor_type.length": wrong[:1], "entries.1.actor_type.text": wrong[1:]}
            if name != "hyphen":
                yield f"actor-type-{name}", "a kind of actor that cannot be", bent(fields, pieces)
    wrongs = {"empty": b"", "129": b"a" * 129, "space": b"a b", "delete": b"a\x7f", "utf-8": "\u00e9".encode()}
    for name, wrong in wrongs.items():
        pieces = {"entries.1.actor_id.length": sg.varint(len(wrong)), "entries.1.actor_id.text": wrong}
        yield f"actor-id-{name}", "an actor that cannot be", bent(fields, pieces)
    for entry_ in (1, 2):
        late = sg.varint(sg.MAX_TIME_MS + 1)
        yield f"issued-before-late-{entry_}", "after the last moment", piece(f"entries.{entry_}.issued_before", late)
    base = feed.seconds(EVERY_KIND[0])
    for name, why, other in [
        ("base-early", "a base before the first expiry", base - 1),
        ("base-zero", "no base, but whole expiries", 0),
    ]:
        pieces = {f"entries.{n}.expires_after": feed.seconds(entry) - other for n, entry in enumerate(EVERY_KIND)}
        pieces = {name: sg.varint(number) for name, number in {**pieces, "base": other}.items()}
        yield name, why, bent(fields, pieces)
    yield "first-expiry-missing", "no expiry is that of the base", piece("entries.0.expires_after", b"\1")
    late, sum_ = sg.varint(feed.MAX_SECONDS + 1 - base), sg.varint(2**64 - base)
    yield "expiry-late", "a second after the last", piece("entries.3.expires_after", late)
    yield "expiry-beyond-64-bits", "the sum has no room", piece("entries.3.expires_after", sum_)


def contents_of_heads(content):
    fields = feed.head_fields(HEAD)
    content("after-beyond-position", "complete behind a number there is not", bent(fields, {"after": sg.varint(301)}))
    empty = feed.head_fields(head(entries=[]))
    content("base-of-nothing", "a base without entries", bent(empty, {"base": b"\1"}))
    not_utf_8 = {"challenge.length": b"\2", "challenge.text": b"\xc3\x28"}
    content("challenge-not-utf-8", "no text", bent(fields, not_utf_8))
    surrogate = {"challenge.length": b"\3", "challenge.text": b"\xed\xa0\x80"}
    content("challenge-surrogate", "half a pair of UTF-16 is no text", bent(fields, surrogate))
    content("challenge-too-long", "longer than the document", bent(fields, {"challenge.length": b"\xff\x7f"}))


# --- Snapshots ----------------------------------------------------------------------------------------

PARTS = [[of_session(), of_actor(OTHER_SESSION)], [], [of_key(), of_tenant()]]


def nonce_of(index):
    return digest(f"nonce of part {index}")[:12]


def chunk(index=0, parts=PARTS, **changes):
    total = sum(map(len, parts))
    part = {"position": at(300), "making": MAKING, "index": index, "is_last": index == len(parts) - 1, "total": total}
    return {**part, "entries": parts[index], **changes}


def seal_fields(fields, index=0):
    return feed.seal_chunk(feed.joined(fields), EDGE, EDGE_SECRET, nonce_of(index))


def sealed(*chunks):
    return [seal_fields(feed.chunk_fields(each), each["index"]) for each in chunks]


def snapshots():
    cases = []

    def add(name, why, data, expect, position=at(300), edge=EDGE, secret=EDGE_SECRET):
        expect = {"reject": expect} if isinstance(expect, str) else {"ok": expect}
        case = {"name": name, "why": why, "edge": edge, "secret": secret.hex(), "position": position}
        cases.append({**case, "bytes": b"".join(data).hex(), "expect": expect})

    good_snapshots(add)
    sequences_of_parts(add)
    envelopes_of_parts(add)
    fields = feed.chunk_fields(chunk(parts=[EVERY_KIND]))
    for name, why, document in bent_documents(fields):
        add(name, why, [feed.seal_chunk(document, EDGE, EDGE_SECRET, nonce_of(0))], "content")
    for name, why, pieces in [
        ("last-neither", "neither last nor not", {"is_last": b"\2"}),
        ("index-beyond-32-bits", "an integer that has no room", {"index": b"\x80\x80\x80\x80\x10"}),
    ]:
        add(name, why, [feed.seal_chunk(bent(fields, pieces), EDGE, EDGE_SECRET, nonce_of(0))], "content")
    empty = feed.chunk_fields(chunk(parts=[[]]))
    document = bent(empty, {"base": b"\1"})
    data = [feed.seal_chunk(document, EDGE, EDGE_SECRET, nonce_of(0))]
    add("base-of-nothing", "a base without entries", data, "content")
    return cases


def good_snapshots(add):
    def ok(name, why, parts, **changes):
        chunks = [chunk(index, parts, **changes) for index in range(len(parts))]
        add(name, why, sealed(*chunks), sum(parts, []), changes.get("position", at(300)))

    ok("every-kind", "one part with an entry of each kind", [EVERY_KIND])
    ok("nothing", "a snapshot of nothing has one part", [[]])
    ok("three-parts", "one of them empty: where it is cut is for the writer to say", PARTS)
    ok("three-parts-empty", "nothing in any of them", [[], [], []])
    ok("first-of-all", "before the first revocation", [[]], position=at(0))
    most = 2**64 - 1
    ok("position-largest", "64 bits", [[of_session()]], position=at(most, most))
    ok("total-wrong", "how many there will be is a hint", [[of_session()]], total=most)
    ok("overlapping", "one entry in two parts", [[of_session()], [of_session()]])
    ok("many-parts", "an index of two bytes", [[of_session(numbered(n))] for n in range(130)])


def sequences_of_parts(add):
    one, two, three = sealed(*[chunk(index) for index in range(3)])
    all_three = [one, two, three]

    def no(name, why, data, label="sequence", **where):
        add(name, why, data, label, **where)

    no("swapped", "the second comes first", [two, one, three])
    no("swapped-at-the-end", "the last comes second", [one, three, two])
    no("repeated", "one part twice", [one, two, two, three])
    no("repeated-first", "one part twice", [one, one, two, three])
    no("first-missing", "begins with the second", [two, three])
    no("one-missing", "a part is left out", [one, three])
    no("only-the-last", "begins with the last", [three])
    for name, why, changes in [
        ("making", "two makings of one snapshot are not cut alike", {"making": digest("another making")[:8]}),
        ("position", "a part of a later snapshot", {"position": at(301)}),
        ("epoch", "a part of another epoch's snapshot", {"position": at(300, 2)}),
    ]:
        others = sealed(*[chunk(index, **changes) for index in range(3)])
        no(f"other-{name}-second", why, [one, others[1], three])
        no(f"other-{name}-last", why, [one, two, others[2]])
        no(f"other-{name}-first", why, [others[0], two, three])
    another = "a whole snapshot, but not the one that was asked for"
    no("asked-for-another", another, all_three, position=at(299))
    no("asked-for-another-epoch", another, all_three, position=at(300, 2))
    early = sealed(chunk(0, is_last=True))[0]
    no("after-the-last", "a part behind the last", [early, two, three], "content")
    no("last-twice", "a part behind the last", [*all_three, three], "content")
    no("byte-behind", "a byte behind the last part", [*all_three, b"\0"], "content")
    no("length-behind", "the length of a part that does not come", [*all_three, bytes(4)], "content")
    no("no-parts", "nothing at all", [], "incomplete")
    no("last-missing", "what came is true, but not all", [one, two], "incomplete")
    whole = b"".join(all_three)
    for length in [1, 3, 4, 5, len(one) - 1, len(one), len(one) + 3, len(one + two) + 4, len(whole) - 1]:
        no(f"cut-to-{length}", f"{length} bytes of {len(whole)}", [whole[:length]], "incomplete")


def envelopes_of_parts(add):
    good = sealed(chunk(parts=[EVERY_KIND]))[0]
    document = feed.joined(feed.chunk_fields(chunk(parts=[EVERY_KIND])))

    def framed(envelope):
        return [len(envelope).to_bytes(4, "big") + envelope]

    add("other-edge", "sealed to an edge of another name", [good], "envelope", edge="edge-2")
    add("other-secret", "sealed under another secret", [good], "envelope", secret=digest("another secret"))
    for name, why, purpose in [
        ("purpose-head", "another kind of document", feed.HEAD_PURPOSE),
        ("purpose-keyring", "another kind of document", sg.KEYRING_PURPOSE),
        ("purpose-feed", "another kind of document", b"sealgate/v1/feed"),
    ]:
        envelope = sg.seal_envelope(document, EDGE, EDGE_SECRET, nonce_of(0), purpose)
        add(name, why, framed(envelope), "envelope")
    head_ = feed.seal_head(feed.joined(feed.head_fields(HEAD)), EDGE, EDGE_SECRET, NONCE)
    add("a-head", "a head in place of a part", framed(head_), "envelope")
    add("a-head-unframed", "a head in place of it all: its first bytes say how long it is", [head_], "content")
    add("part-of-nothing", "an envelope of no bytes", [bytes(4)], "envelope")
    add("length-short", "one byte less than there is", [(len(good) - 5).to_bytes(4, "big") + good[4:]], "envelope")
    add("length-long", "one byte more than there is", [(len(good) - 3).to_bytes(4, "big") + good[4:]], "incomplete")
    add("length-little-endian", "the other way round", [(len(good) - 4).to_bytes(4, "little") + good[4:]], "content")
    add("length-524288", "the longest that is waited for", [(524_288).to_bytes(4, "big")], "incomplete")
    add("length-524289", "longer than any part", [(524_289).to_bytes(4, "big")], "content")
    add("length-largest", "longer than any part", [b"\xff" * 4], "content")
    for position in (4, 5, 20, len(good) - 1):
        flipped = good[:position] + bytes([good[position] ^ 2]) + good[position + 1 :]
        add(f"bent-{position}", f"one bit of byte {position}", [flipped], "envelope")


# --- Sets ---------------------------------------------------------------------------------------------


def token(session=SESSION, issued=NOW - 1, tenant="demo", actor_type="user", actor_id=ACTOR, key=DEMO):
    claims_ = {"session": session, "tenant": tenant, "actor_type": actor_type, "actor_id": actor_id}
    return {**claims_, "issued_at_ms": issued, "key": "sk-" + sg.b64(key.kid)}


def told(sequence, after, *entries, epoch=1, then="complete", position=None):
    head_ = {"position": at(sequence, epoch), "after": after, "entries": list(entries)}
    return {"head": head_, "then": then, "position": at(sequence, epoch) if position is None else position or None}


def loaded(sequence, *entries, epoch=1, then="complete", position=None):
    snapshot = {"position": at(sequence, epoch), "entries": list(entries)}
    return {"snapshot": snapshot, "then": then, "position": position or at(sequence, epoch)}


# Where a set stands that lacks entries from the beginning on.
NOWHERE = {}


def sets():
    cases = []

    def add(name, why, steps, hit=(), spared=()):
        tokens = [{**each, "hit": True} for each in hit] + [{**each, "hit": False} for each in spared]
        cases.append({"name": name, "why": why, "steps": steps, "tokens": tokens})

    sets_by_kind(add)
    sets_in_order(add)
    return cases


def sets_by_kind(add):
    other = token(OTHER_SESSION)
    add("empty", "nothing is known", [], spared=[token()])
    ages = [token(issued=0), token(issued=NOW), token(issued=sg.MAX_TIME_MS)]
    add("session", "whenever it was issued", [told(1, 0, of_session())], [*ages, token(key=ACME)], [other])
    add("key", "whatever it says", [told(1, 0, of_key())], [*ages, other], [token(key=FORMER)])
    before, elsewhere = [token(issued=0), token()], token(tenant="acme")
    after = [token(issued=NOW), token(issued=NOW + 1)]
    add("tenant", "issued before", [told(1, 0, of_tenant("demo"))], [*before, other], [*after, elsewhere])
    strangers = [elsewhere, token(actor_type="service"), token(actor_id="ada"), token(actor_id=ACTOR.upper())]
    add("actor", "issued before", [told(1, 0, of_actor())], [*before, other], [*after, *strangers])
    spared = told(1, 0, of_actor(SESSION))
    add("actor-exception", "one session stays", [spared], [other], [*before, token(OTHER_SESSION, NOW)])
    late, early = of_actor(SESSION), of_actor(OTHER_SESSION, NOW - 60)
    hit = [token(issued=NOW - 61), other, token("ses-" + "A" * 22)]
    for name, marks in [("rising", [early, late]), ("falling", [late, early])]:
        why = "what either hits: each hits the session that the other spares"
        add(f"two-marks-{name}", why, [told(2, 0, *marks)], hit, [token(issued=NOW - 60), token(OTHER_SESSION, NOW)])
    three = [late, early, of_actor(None, NOW - 30)]
    add("three-marks", "what any hits", [told(3, 0, *three)], [token(issued=NOW - 31), other], [token(issued=NOW - 30)])
    marks = [of_tenant("demo", NOW - 60), of_tenant("demo", NOW), of_tenant("demo", NOW - 30)]
    add("tenant-thrice", "what any hits", [told(3, 0, *marks)], [token()], [token(issued=NOW)])


def sets_in_order(add):
    there, session = [token()], of_session()
    add("follows", "complete behind what is held", [told(5, 0), told(9, 5, session)], there)
    add("overlaps", "an entry once more is nothing new", [told(5, 0, session), told(5, 3, session)], there)
    gap = {"then": "gap", "position": at(5)}
    add("gap", "number 6 is missing; what came counts", [told(5, 0), told(9, 6, session, **gap)], there)
    first = told(9, 6, session, then="gap", position=NOWHERE)
    add("gap-at-first", "an edge that has just begun", [first], there)
    closed = [first, loaded(6, of_session(OTHER_SESSION), position=at(9))]
    add("gap-closed", "a snapshot reaches the head", closed, [*there, token(OTHER_SESSION)])
    add("gap-not-closed", "number 6 is still missing", [first, loaded(5, then="gap")], there)
    older = told(8, 0, of_key(), then="older", position=NOWHERE)
    add("gap-then-older", "older than a head that was taken", [first, older], there, [token(OTHER_SESSION)])
    second = told(12, 9, then="gap", position=NOWHERE)
    add("gaps-that-join", "the second begins where the first ends", [first, second, loaded(6, position=at(12))], there)
    apart = told(12, 10, then="gap", position=NOWHERE)
    add("gaps-apart", "number 10 is in neither", [first, apart, loaded(9, then="gap"), loaded(10, position=at(12))])
    old = {"then": "older", "position": at(9)}
    add("older", "is ignored as a whole", [told(9, 0), told(8, 0, session, **old)], spared=there)
    add("snapshot-older", "is added; what is held stays", [told(9, 0), loaded(5, session, position=at(9))], there)
    later = told(3, 2, of_key(ACME), epoch=2, then="gap", position=at(9))
    then = loaded(2, epoch=2, position=at(3, 2))
    hit = [*there, token(OTHER_SESSION, key=ACME)]
    add("epoch", "its numbers are others", [told(9, 0, session), later, then], hit)
    past = loaded(20, then="gap", position=at(20))
    add("epoch-past-snapshot", "a snapshot of the epoch that is over", [told(9, 0), later, past])
    past = told(10, 0, session, then="older", position=at(9))
    add("epoch-past-head", "a head of the epoch that is over", [told(9, 0), later, past], spared=there)
    add("epoch-at-once", "all of it in one head", [told(9, 0, session), told(2, 0, epoch=2)], there)
