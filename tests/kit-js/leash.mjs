// Processes and folders that do not outlive the process that made them, however it ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const running = new Set();
const folders = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) remove(folder);
});
// Without a listener these end a process before "exit".
for (const [signal, number] of [["SIGHUP", 1], ["SIGINT", 2], ["SIGTERM", 15]]) {
  process.on(signal, () => process.exit(128 + number));
}

/** Starts a program, as `spawn` does. */
export function startProcess(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Ends a process, and waits until it has ended. */
export async function endProcess(child) {
  if (!running.has(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A new folder. */
export function makeFolder(prefix) {
  const path = mkdtempSync(join(tmpdir(), prefix));
  folders.add(path);
  return { path, [Symbol.dispose]: () => remove(path) };
}

function remove(folder) {
  // Whoever has just been killed may still be writing.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}
