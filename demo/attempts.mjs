// Sends prepared cookies through the edge and watches whether the origin notices. A browser lets no page set a Cookie
// header, so this server does it in its place.
import { request as httpRequest } from "node:http";

/** The cookies one can send, in the order of the buttons. `sample` is the name in the origin's answer. */
export const kinds = [
  {
    id: "good",
    sample: "good",
    button: "A good cookie",
    hint: "as the origin sealed it",
    passed: "The seal is intact, so the edge let it through and told the application who is asking.",
  },
  {
    id: "bent",
    sample: "bent",
    button: "A bent one",
    hint: "one character changed",
    refused: "One character is different, so the seal does not fit. The edge found that out by itself.",
  },
  {
    id: "expired",
    sample: "expired",
    button: "An expired one",
    hint: "good once, too old now",
    refused: "The seal is good but the time in it has passed. The edge read that from the cookie alone.",
  },
  {
    id: "other",
    sample: "other_tenant",
    button: "Another tenant's",
    hint: "good, but elsewhere",
    refused: "It was sealed for another tenant. The edge serves that one too, but on this host it opens nothing.",
  },
];

export class Attempts {
  #places;

  /** Needs the addresses of edge and origin, the host to ask the edge for, and a service token of the origin's. */
  constructor(places) {
    this.#places = places;
  }

  /** Sends the cookie of that kind and says what happened, in a form that both pages and scripts can show. */
  async make(id) {
    const kind = kinds.find((kind) => kind.id === id);
    if (!kind) return { kind: "", failure: "There is no such cookie to try." };
    try {
      const samples = await this.#samples();
      const { before, answer, after } = await this.#measure(samples[kind.sample]);
      const passed = answer.status === 200;
      return {
        kind: kind.id,
        title: kind.button,
        passed,
        expected: passed === Boolean(kind.passed),
        status: answer.status,
        code: answer.body.code ?? "",
        says: passed ? describe(answer.body) : (answer.body.detail ?? ""),
        milliseconds: Math.round(answer.milliseconds * 10) / 10,
        before,
        after,
        explanation: (passed ? kind.passed : kind.refused) ?? "That is not the answer this cookie should get.",
        cookie: split(samples[kind.sample], samples.good, passed),
      };
    } catch (error) {
      return { kind: kind.id, title: kind.button, failure: error.message };
    }
  }

  /**
   * Sends the cookie, and reads the origin's counter before and after. It is measured again when the counter moved although
   * the cookie was refused: once a minute the edge renews its keys, and others may be using the origin.
   */
  async #measure(cookie, again = 2) {
    const before = await this.#originRequests();
    const answer = await this.#askEdge(cookie);
    const after = await this.#originRequests();
    if (answer.status === 401 && after > before && again > 0) return this.#measure(cookie, again - 1);
    return { before, answer, after };
  }

  /** Cookies that the origin made for this purpose; it only does so in development. */
  async #samples() {
    const response = await this.#askOrigin("/v1/dev/samples?tenant=demo", {
      authorization: `Bearer ${this.#places.serviceToken}`,
    });
    return response.json();
  }

  /** How many requests the origin has answered so far; asking for it is not counted. */
  async #originRequests() {
    const text = await (await this.#askOrigin("/metrics")).text();
    const lines = text.matchAll(/^sealgate_http_requests_total\{[^}]*\} (\d+)/gm);
    return Array.from(lines, (line) => Number(line[1])).reduce((sum, count) => sum + count, 0);
  }

  async #askOrigin(path, headers = {}) {
    const response = await fetch(this.#places.origin + path, { headers, signal: AbortSignal.timeout(3000) });
    if (!response.ok) throw new Error(`The origin answered ${response.status} to ${path.split("?")[0]}.`);
    return response;
  }

  /** node:http and not fetch, which sets no Host header. */
  #askEdge(cookie) {
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const headers = { host: this.#places.edgeHost, accept: "application/json", cookie: `__Host-sg=${cookie}` };
      const request = httpRequest(`${this.#places.edge}/whoami`, { headers, timeout: 5000 }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = parse(Buffer.concat(chunks).toString());
          resolve({ status: response.statusCode, body, milliseconds: performance.now() - begun });
        });
      });
      request.on("timeout", () => request.destroy(new Error("it took longer than 5 s")));
      request.on("error", (error) => reject(new Error(`The edge did not answer: ${error.message}.`)));
      request.end();
    });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function describe(identity) {
  return `${identity["actor-type"] ?? "somebody"} ${identity["actor-id"] ?? ""} of tenant ${identity.tenant ?? "?"}`;
}

/**
 * The cookie in its four parts, with the place of the character that differs from the good one. A cookie that passes is
 * a key to the door, so its last part stays hidden here too.
 */
function split(cookie, good, passed) {
  const [version, kid, claims, mac] = cookie.split(".");
  const parts = { version, kid, claims, mac: passed ? "" : mac };
  const same = cookie.length === good.length ? [...cookie].findIndex((character, i) => character !== good[i]) : -1;
  const differences = same < 0 ? 0 : [...cookie].filter((character, i) => character !== good[i]).length;
  return { ...parts, bentAt: differences === 1 ? same : -1 };
}
