// A port that is known before the server behind it has started: the edge's settings name the ports that others use, and
// workerd chooses its own when it starts.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Transform } from "node:stream";

/** Passes on what comes, in its order, each piece when its time has come. */
function slowly(milliseconds) {
  return new Transform({
    transform(piece, _, done) {
      const wait = milliseconds();
      if (wait > 0) setTimeout(done, wait, null, piece);
      else done(null, piece);
    },
  });
}

/** Listens on a port of the system's choosing. `onRequest` is told every piece that a client sends, as text. */
export async function openRelay({ onRequest } = {}) {
  let target;
  let delay = null;
  const sockets = new Set();
  const server = createServer((client) => {
    const onward = connect(target, "127.0.0.1");
    for (const socket of [client, onward]) sockets.add(socket.on("close", () => sockets.delete(socket)));
    // Whatever happens to one side happens to the other.
    client.on("error", () => onward.destroy()).on("close", () => onward.destroy());
    onward.on("error", () => client.destroy()).on("close", () => client.destroy());
    if (onRequest) client.on("data", (piece) => onRequest(piece.toString("latin1")));
    client.pipe(onward).pipe(slowly(() => delay?.() ?? 0)).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    /** Where connections are passed on to from now on. */
    leadTo: (port) => (target = Number(port)),
    /** From now on what comes back is held up for as many milliseconds as this answers, each piece anew; `null` for none. */
    holdUp: (milliseconds) => (delay = milliseconds),
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
