// The application behind the proxies: the least that can answer, since it shares its core with the load.
import { once } from "node:events";
import { createServer } from "node:net";

const END = "\r\n\r\n";

/** Listens on a port of the system's choosing. */
export async function startUpstream() {
  let last = "";
  const server = createServer((socket) => {
    let rest = "";
    socket.setNoDelay(true).setEncoding("latin1").on("error", () => socket.destroy());
    socket.on("data", (piece) => {
      const heads = (rest + piece).split(END);
      rest = heads.pop();
      if (heads.length === 0) return;
      last = heads.at(-1);
      socket.write(heads.map(answer).join(""));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    /** The names of the headers that the last request came with. */
    lastHeaders: () => last.split("\r\n").slice(1).map((line) => line.split(":")[0].toLowerCase()).sort(),
    stop: () => server.close(),
  };
}

/** Pages for one person say so, as they should; "/unmarked" does not. */
function answer(head) {
  const caching = head.startsWith("GET /unmarked ") ? "" : "Cache-Control: private\r\n";
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${caching}Content-Length: 2${END}ok`;
}
