// The shared cache of a place, which workerd itself has none of: it keeps what the origin allows for as long as it allows,
// says so in `Age` as RFC 9111 has it, in whole seconds, and asks once for all who wait for the same.
import { once } from "node:events";
import { createServer, request as ask, Agent } from "node:http";

/** Listens on a port of the system's choosing, before the server at `target`. */
export async function startCache(target) {
  const agent = new Agent({ keepAlive: true });
  const kept = new Map();

  async function answer(request) {
    const { method, url, headers } = request;
    if (method !== "GET" || /no-store|no-cache/.test(headers["cache-control"] ?? "")) return pass(request);
    const found = kept.get(url);
    if (found && performance.now() < found.until) {
      const answered = await found.answer;
      const age = Math.floor(Math.max(performance.now() - found.since, 0) / 1_000);
      return { ...answered, headers: { ...answered.headers, age: String(age) } };
    }
    // Fresh for those who come while it is fetched; afterwards for as long as the origin says, from when it came.
    const entry = { until: Infinity, since: Infinity, answer: pass(request) };
    kept.set(url, entry);
    return keep(url, entry);
  }

  async function keep(url, entry) {
    try {
      const answered = await entry.answer;
      const [, seconds] = answered.headers["cache-control"]?.match(/^public, max-age=(\d+)/) ?? [];
      entry.since = performance.now();
      entry.until = entry.since + (answered.status === 200 ? Number(seconds ?? 0) * 1_000 : 0);
      return answered;
    } catch (error) {
      kept.delete(url);
      throw error;
    }
  }

  async function pass({ method, url, headers, body }) {
    const sent = ask(target + url, { method, headers, agent });
    sent.end(body);
    const [answered] = await once(sent, "response");
    return { status: answered.statusCode, headers: answered.headers, body: await readAll(answered) };
  }

  const server = createServer(async (request, response) => {
    try {
      const { method, url, headers } = request;
      const { status, headers: own, body } = await answer({ method, url, headers, body: await readAll(request) });
      response.writeHead(status, own).end(body);
    } catch {
      response.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

async function readAll(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
