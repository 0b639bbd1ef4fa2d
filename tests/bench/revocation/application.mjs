// The application behind the edges: repeats how old the knowledge was on which it was asked.
import { once } from "node:events";
import { createServer } from "node:http";

const AGE = "x-sealgate-revocation-age-ms";

/** Listens on a port of the system's choosing. */
export async function startApplication() {
  const server = createServer((request, response) => response.setHeader(AGE, request.headers[AGE] ?? "").end("ok"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
