// Load: as many requests as asked for, over a few connections, several under way on each.
import { connect } from "node:net";

const CONNECTIONS = 8;
const DEPTH = 8;

/**
 * Sends the subject's request `count` times, or a few times more, so that each connection sends as many. Answers how many
 * it were. Fails if an answer has another status than the subject's.
 */
export async function load(subject, count) {
  const share = Math.ceil(count / CONNECTIONS);
  await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(subject, share)));
  return share * CONNECTIONS;
}

/** Sends the subject's request once. */
export function loadOnce(subject) {
  return drive(subject, 1);
}

function drive({ port, request, status, name }, count) {
  const expected = `HTTP/1.1 ${status} `;
  const { promise, resolve, reject } = Promise.withResolvers();
  const socket = connect(port, "127.0.0.1");
  let sent = 0;
  let answered = 0;
  let rest = "";
  const send = (number) => {
    const batch = Math.min(number, count - sent);
    if (batch > 0) socket.write(request.repeat(batch));
    sent += batch;
  };
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  socket.on("connect", () => send(DEPTH));
  socket.on("data", (piece) => {
    const text = rest + piece;
    const starts = text.split("HTTP/1.1 ");
    // The last one may have been cut in two; its head is counted as soon as its status is there.
    const heads = starts.slice(1).filter((start) => start.length >= 4);
    for (const head of heads) {
      if (!expected.endsWith(head.slice(0, 4))) return reject(new Error(`${name} answered ${head.slice(0, 80)}`));
    }
    const cut = starts.length > 1 && starts.at(-1).length < 4;
    rest = cut ? `HTTP/1.1 ${starts.at(-1)}` : text.slice(-8);
    answered += heads.length;
    if (answered >= count) return socket.end(() => resolve());
    send(heads.length);
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`${name} closed the connection after ${answered} answers`)));
  return promise;
}
