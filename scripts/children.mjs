// Child processes that do not outlive their parent. Each leads a process group of its own, because wrangler starts
// further processes (workerd, esbuild) and cargo starts rustc: a signal to the group reaches them all. It also keeps
// the terminal's Ctrl-C away from them, so that we end them ourselves.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// What a child says is shown when it looks like trouble, or when the child ends unasked.
const TROUBLE = /\b(error|panicked|fatal|warn(ing)?)\b/i;
const KEPT_LINES = 30;
// Enough for an orderly end; what is still there then is killed.
const GRACE_MS = 4_000;

export class Children {
  #running = new Map();
  #verbose;
  #onDeath;
  stopping = false;

  /** `onDeath` is called with a sentence when a child that was started ends unasked. */
  constructor({ verbose, onDeath }) {
    this.#verbose = verbose;
    this.#onDeath = onDeath;
  }

  /** Runs a command to its end, and fails with its last lines if it fails. */
  async run(name, command, args = [], { show = this.#verbose } = {}) {
    const child = this.#spawn(command, args, {}, (line) => show && console.log(line));
    const failure = await child.ended;
    if (failure) throw new Error(`${name} failed (${failure})${show ? "" : child.lastLines()}`);
  }

  /** Starts a command that is to run until the end. */
  start(name, command, args, env) {
    const child = this.#spawn(command, args, env, (line) => {
      if (!this.stopping && (this.#verbose || TROUBLE.test(line))) console.log(`[${name}] ${line}`);
    });
    child.ended.then((failure) => {
      this.#onDeath(`the ${name} has stopped (${failure || "exit code 0"})${child.lastLines()}`);
    });
  }

  /** Ends every child, and whatever the children have started. Called again, it waits no longer. */
  async stop() {
    this.#signal(this.stopping ? "SIGKILL" : "SIGTERM");
    this.stopping = true;
    const patience = setTimeout(() => this.#signal("SIGKILL"), GRACE_MS);
    await Promise.all(Array.from(this.#running.values(), (child) => child.ended));
    clearTimeout(patience);
  }

  #signal(signal) {
    for (const group of this.#running.keys()) killGroup(group, signal);
  }

  #spawn(command, args, env, onLine) {
    if (this.stopping) throw new Error("stopped");
    const lines = [];
    const process_ = spawn(command, args, {
      detached: true, // a process group of its own
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [process_.stdout, process_.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        onLine(line);
      });
    }
    const ended = new Promise((resolve) => {
      process_.on("error", (error) => resolve(error.message));
      // Whatever it started must not stay when it is gone itself.
      process_.on("exit", () => killGroup(process_.pid, "SIGKILL"));
      // After "exit", when the last of its lines have been read.
      process_.on("close", (code, signal) => {
        this.#running.delete(process_.pid);
        resolve(signal ?? (code ? `exit code ${code}` : ""));
      });
    });
    const lastLines = () => (lines.length ? `. Its last lines:\n  ${lines.join("\n  ")}` : "");
    const child = { ended, lastLines };
    if (process_.pid) this.#running.set(process_.pid, child);
    return child;
  }
}

function killGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // gone already is what we want
  }
}
