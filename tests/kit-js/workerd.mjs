// One workerd that serves several Workers, each on a socket of its own.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

import { endProcess, startProcess } from "./leash.mjs";

/**
 * Starts workerd. `workers` has the main module of each Worker by name, `settings` and `secrets` are what all of them
 * find in their environment; `cpu` is the core to stay on, if any.
 */
export async function startWorkerd({ root, folder, workers, settings, secrets, cpu }) {
  for (const [name, main] of Object.entries(workers)) {
    buildSync({
      entryPoints: [join(root, main)],
      bundle: true,
      format: "esm",
      external: ["*.wasm", "cloudflare:workers"],
      outfile: join(folder, `${name}.mjs`),
      logLevel: "error",
    });
  }
  const file = join(folder, "config.capnp");
  writeFileSync(file, configure(root, folder, Object.keys(workers), settings, secrets));
  const command = [join(root, "node_modules/.bin/workerd"), "serve", "-I/", "--control-fd=3", file];
  if (cpu !== undefined) command.unshift("taskset", "-c", String(cpu));
  const child = startProcess(command[0], command.slice(1), { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const ports = await readPorts(child, Object.keys(workers).length);
  return { pid: child.pid, ports, stop: () => endProcess(child) };
}

/** CPU time that all threads of a process have used so far. */
export function cpuNanoseconds(pid) {
  const spent = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + spent(task), 0);
}

/** Memory that a process has in use, in megabytes. */
export function residentMegabytes(pid) {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/);
  return Number(kilobytes) / 1024;
}

function configure(root, folder, names, settings, secrets) {
  const text = JSON.stringify;
  const bindings = Object.entries(secrets).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  bindings.push(`(name = "SEALGATE", json = ${text(text(settings))})`);
  const [, date] = readFileSync(join(root, "wrangler.toml"), "utf8").match(/^compatibility_date = "(.*)"$/m);
  const worker = (name) => `(name = "${name}", worker = (
      modules = [
        (name = "${name}.mjs", esModule = embed ${text(join(folder, `${name}.mjs`))}),
        (name = "index_bg.wasm", wasm = embed ${text(join(root, "build/index_bg.wasm"))}),
      ],
      compatibilityDate = "${date}",
      bindings = [${bindings.join(", ")}],
      globalOutbound = "loopback",
    ))`;
  const socket = (name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
    ${names.map(worker).join(",\n    ")}
  ],
  sockets = [${names.map(socket).join(", ")}],
);
`;
}

async function readPorts(child, expected) {
  const ports = {};
  let text = "";
  for await (const piece of child.stdio[3]) {
    const lines = (text + piece).split("\n");
    text = lines.pop();
    for (const { event, socket, port } of lines.map(JSON.parse)) if (event === "listen") ports[socket] = port;
    if (Object.keys(ports).length === expected) return ports;
  }
  throw new Error("workerd did not start");
}
