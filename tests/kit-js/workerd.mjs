// One workerd that serves several Workers, each on a socket of its own.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";

import { endProcess, startProcess } from "./leash.mjs";

// What worker-build makes.
const WASM = "index_bg.wasm";

/**
 * Starts workerd. `workers` has the main module of each Worker by name, or `{ main, settings, secrets }`: what it finds in
 * its environment instead of the `settings` and `secrets` of all. `cpu` is the core to stay on, if any. Answers also when
 * the process was spawned, on the clock of `performance.now()`.
 */
export async function startWorkerd({ root, folder, workers, settings, secrets, cpu }) {
  const built = Object.entries(workers).map(([name, worker]) => {
    const { main, ...own } = typeof worker === "string" ? { main: worker } : worker;
    return { name, modules: bundle(root, main, join(folder, `${name}.mjs`)), settings, secrets, ...own };
  });
  const file = join(folder, "config.capnp");
  writeFileSync(file, configure(root, built));
  const command = [join(root, "node_modules/.bin/workerd"), "serve", "-I/", "--control-fd=3", file];
  if (cpu !== undefined) command.unshift("taskset", "-c", String(cpu));
  const spawnedAt = performance.now();
  const child = startProcess(command[0], command.slice(1), { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const ports = await readPorts(child, built.length);
  return { pid: child.pid, ports, spawnedAt, stop: () => endProcess(child) };
}

/** Makes one file of a Worker's scripts, as wrangler does. Answers the files that it consists of now, by module name. */
export function bundle(root, main, outfile, options) {
  const { metafile } = buildSync({
    entryPoints: [join(root, main)],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm", "cloudflare:workers"],
    outfile,
    metafile: true,
    logLevel: "error",
    ...options,
  });
  const [{ imports }] = Object.values(metafile.outputs);
  const hasWasm = imports.some(({ path }) => basename(path) === WASM);
  return { [basename(outfile)]: outfile, ...(hasWasm && { [WASM]: join(root, "build", WASM) }) };
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

function configure(root, workers) {
  const text = JSON.stringify;
  const [, date] = readFileSync(join(root, "wrangler.toml"), "utf8").match(/^compatibility_date = "(.*)"$/m);
  const module = ([name, path]) => {
    const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
    return `(name = ${text(name)}, ${kind} = embed ${text(path)})`;
  };
  const secret = ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`;
  const worker = ({ name, modules, settings, secrets }) => `(name = "${name}", worker = (
      modules = [${Object.entries(modules).map(module).join(", ")}],
      compatibilityDate = "${date}",
      bindings = [${Object.entries(secrets).map(secret).join(", ")}, (name = "SEALGATE", json = ${text(text(settings))})],
      globalOutbound = "loopback",
    ))`;
  const socket = ({ name }) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
    ${workers.map(worker).join(",\n    ")}
  ],
  sockets = [${workers.map(socket).join(", ")}],
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
