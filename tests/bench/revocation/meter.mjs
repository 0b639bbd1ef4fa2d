// What one edge asks of the origin, counted on its way there.
import { openRelay } from "../../kit-js/relay.mjs";

const REQUEST = /^([A-Z]+) (\S+) HTTP\/1\.1\r$/gm;
const HEAD = /^\/internal\/feed\/[^/]+\/[^/]+\/head$/;

/** Stands before both sides of the origin. */
export async function openMeter(origin) {
  let questions = [];
  let isCounting = false;
  const onRequest = (text) => {
    if (!isCounting) return;
    for (const [, method, path] of text.matchAll(REQUEST)) {
      questions.push({ at: performance.now(), route: HEAD.test(path) ? "feed head" : `${method} ${path}` });
    }
  };
  const relays = await Promise.all([openRelay({ onRequest }), openRelay({ onRequest })]);
  const addresses = {};
  for (const [at, side] of ["public", "private"].entries()) {
    relays[at].leadTo(new URL(origin[side]).port);
    addresses[side] = `http://127.0.0.1:${relays[at].port}`;
  }
  return {
    addresses,
    begin() {
      questions = [];
      isCounting = true;
    },
    end: () => (isCounting = false),
    /** How often each route was asked. */
    asked() {
      const counts = {};
      for (const { route } of questions) counts[route] = (counts[route] ?? 0) + 1;
      return counts;
    },
    /** The most questions within any second. */
    most() {
      const within = ({ at }) => questions.filter((other) => other.at >= at && other.at < at + 1_000).length;
      return Math.max(0, ...questions.map(within));
    },
    stop: () => relays.forEach((relay) => relay.stop()),
  };
}

/** How many requests the origin's private side has answered, by its own count. */
export async function countPrivate(origin) {
  const text = await (await fetch(`${origin.private}/metrics`)).text();
  const lines = text.matchAll(/^sealgate_http_requests_total\{.*listener="private".*\} (\d+)$/gm);
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
}
