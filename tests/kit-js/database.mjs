// A database for an origin.
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { endProcess, startProcess } from "./leash.mjs";

const root = resolve(import.meta.dirname, "../..");

/** Makes an empty one of that kind. PostgreSQL runs as the tests have it, which does not wait for the disk. */
export async function openDatabase(kind, folder) {
  if (kind === "sqlite") return { url: `sqlite:${join(folder, "sealgate.db")}`, stop: async () => {} };
  if (kind !== "postgres") throw new Error(`${kind} is neither sqlite nor postgres`);
  const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/database-for-tests");
  // The server ends when the input does, however we end.
  const child = startProcess(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("PostgreSQL did not start")));
  const [url] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
  ended.catch(() => {});
  return { url, stop: () => endProcess(child) };
}
