// The configuration of one workerd that serves every subject, each on a socket of its own.
import { join } from "node:path";

const SUBJECTS = ["noop", "jose", "ours"];

/** The text of a capnp file. `folder` holds the bundled subjects. */
export function configure({ folder, wasm, settings, secrets }) {
  const text = JSON.stringify;
  const bindings = Object.entries(secrets).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  bindings.push(`(name = "SEALGATE", json = ${text(JSON.stringify(settings))})`);
  const worker = (name) => `(
    modules = [
      (name = "${name}.mjs", esModule = embed ${text(join(folder, `${name}.mjs`))}),
      (name = "index_bg.wasm", wasm = embed ${text(wasm)}),
    ],
    compatibilityDate = "2026-10-20",
    bindings = [${bindings.join(", ")}],
    globalOutbound = "loopback",
  )`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
    ${SUBJECTS.map((name) => `(name = "${name}", worker = ${worker(name)})`).join(",\n    ")}
  ],
  sockets = [${SUBJECTS.map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`).join(", ")}],
);
`;
}
