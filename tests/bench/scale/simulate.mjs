// Isolates that keep their set of revocations fresh, and what this costs the origin.
//
// A request matters to the feed only if it finds the set too old. Since requests come without memory (Poisson), the
// first that does comes an exponential time after the set got old, and nothing before it needs to be played: the result
// is that of playing every request.

import { FEED, TRAFFIC } from "./assumptions.mjs";
import { Agenda } from "./agenda.mjs";
import { seeded, zipf } from "./random.mjs";

/**
 * Runs for `seconds`, after a start that is not counted. With `probes` times a second, somebody goes on trying a session
 * at every isolate, and sessions are revoked there once a second: `delays` tells how long each was still let in. With `rate`
 * every isolate gets so many requests a second.
 */
export function simulate({ isolates, places, profile, seed, seconds, revocations = 0, probes = 0, rate = null }) {
  const chance = seeded(seed);
  const world = settle({ isolates, places, probes, rate, chance });
  const start = 20;
  const end = start + seconds;
  const seen = { requests: 0, heads: 0, direct: 0, colds: 0, snapshots: 0, waits: 0, oldest: 0, delays: [] };
  // A head tells of the last minute, or of less when too much happened.
  const told = revocations > 0 ? Math.min(FEED.window, FEED.headEntries / revocations) : Infinity;

  const agenda = new Agenda();
  for (const isolate of world) agenda.add(chance.next(isolate.rate), isolate);
  for (let [now, isolate] = agenda.take(); now < end; [now, isolate] = agenda.take()) {
    const counts = now >= start;
    const held = isolate.held;
    const cold = held === null || now > isolate.dies;
    const answer = ask(isolate, now, profile, cold, chance);
    const behind = cold || answer.asOf - held.asOf > told;
    const loads = behind && revocations > 0 ? loadSnapshot(isolate.place, answer.arrives, profile) : 0;
    if (loads > 0) answer.arrives += isolate.place.trip;
    if (cold) isolate.dies = now + chance.next(1 / TRAFFIC.life);

    if (counts) {
      seen.heads += answer.fromOrigin;
      seen.direct += answer.direct;
      seen.colds += cold;
      seen.snapshots += loads;
      // Until when the set that was held decides, if requests come.
      const usable = cold ? now : held.since + profile.hard;
      seen.waits += (now >= usable ? 1 : 0) + isolate.rate * Math.max(0, answer.arrives - Math.max(now, usable));
      if (!cold) {
        const last = Math.min(answer.arrives, usable);
        seen.oldest = Math.max(seen.oldest, last - held.asOf);
        if (probes > 0) revokeBetween(held.asOf, answer.asOf, last, chance, seen.delays);
      }
    }
    // An older answer than the one held makes nothing younger.
    isolate.held = cold || answer.since > held.since ? answer : held;
    const old = Math.max(answer.arrives, isolate.held.since + profile.soft);
    agenda.add(old + chance.next(isolate.rate), isolate);
  }
  for (const isolate of world) seen.requests += isolate.rate * seconds;
  return seen;
}

/** Isolates with their rates, each in a place. */
function settle({ isolates, places, probes, rate, chance }) {
  const there = Array.from({ length: places }, () => ({
    trip: chance.between(TRAFFIC.nearest, TRAFFIC.farthest),
    /** The head that its cache holds or is getting: when it was stored, and as of when it is. */
    head: null,
    snapshot: -1,
  }));
  const sizes = zipf(places);
  const home = () => {
    let left = chance.uniform();
    for (let place = 0; place < places; place += 1) if ((left -= sizes[place]) < 0) return there[place];
    return there[0];
  };
  return zipf(isolates).map((share) => ({
    rate: rate ?? Math.min(TRAFFIC.most, share * isolates * TRAFFIC.mean) + probes,
    place: home(),
    held: null,
    dies: 0,
    asks: 0,
  }));
}

/** The head that an isolate gets when it asks `now`: from when its age counts, and as of when it is. */
function ask(isolate, now, profile, cold, chance) {
  const { place } = isolate;
  const straight = !profile.cached || cold || now >= isolate.asks;
  if (straight) {
    // Isolates did not all start at once.
    isolate.asks = isolate.held === null ? now + profile.straight * chance.uniform() : now + profile.straight;
    return { since: now, asOf: now + place.trip / 2, arrives: now + place.trip, fromOrigin: 1, direct: 1 };
  }
  let fromOrigin = 0;
  if (place.head === null || now >= place.head.stored + 1) {
    place.head = { stored: now + place.trip, asOf: now + place.trip / 2 };
    fromOrigin = 1;
  }
  const { stored, asOf } = place.head;
  const arrives = Math.max(now, stored) + TRAFFIC.cache;
  return { since: countFrom(profile.counts, place, now, fromOrigin), asOf, arrives, fromOrigin, direct: 0 };
}

/** From when the age of an answer out of the cache counts. */
function countFrom(counts, { head, trip }, now, fromOrigin) {
  // The last direct head told how far apart the clocks can be: no more than it was on its way.
  if (counts === "sealed") return head.asOf - trip / 2;
  // Whole seconds since it was stored: neither what is beyond them counts, nor how long it was on its way.
  const age = Math.floor(Math.max(0, now - head.stored));
  return now - age - (counts === "rounded up" && !fromOrigin ? 1 : 0);
}

/** How often the origin is asked for a snapshot: each time, or once for each place and snapshot. */
function loadSnapshot(place, now, profile) {
  const newest = Math.floor(now / FEED.snapshots);
  if (profile.cached && place.snapshot === newest) return 0;
  place.snapshot = newest;
  return 1;
}

/** Sessions revoked after what one set knew and before what the next one knows, once a second, and how long they lasted. */
function revokeBetween(from, to, last, chance, delays) {
  for (let at = from + chance.next(1); at < to; at += chance.next(1)) delays.push(Math.max(0, last - at));
}
