// A real origin on a database of its own, which mints the session and answers the edge.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Starts it in `folder`, on ports of the system's choosing. */
export async function startOrigin(root, folder) {
  const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/sealgate");
  const free = "127.0.0.1:0";
  const options = ["--mode", "dev", "--data-dir", folder, "--listen-public", free, "--listen-private", free];
  // The bench takes longer than a token lives by default.
  const child = spawn(binary, ["serve", ...options, "--access-lifetime", "1h"], { stdio: ["ignore", "ignore", "pipe"] });
  const { publicAddress, privateAddress } = await readAddresses(child);
  const secrets = JSON.parse(readFileSync(join(folder, "dev.json"), "utf8"));
  return {
    public: publicAddress,
    private: privateAddress,
    edgeSecret: secrets.edge_secret,
    stop: () => child.kill("SIGKILL"),
    async mint() {
      const response = await fetch(`${privateAddress}/v1/sessions`, {
        method: "POST",
        headers: { authorization: `Bearer ${secrets.service_token}`, "content-type": "application/json" },
        body: JSON.stringify({ tenant: "demo", actor_type: "user", actor_id: "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f" }),
      });
      const { set_cookie } = await response.json();
      return set_cookie[0].match(/^__Host-sg=([^;]*)/)[1];
    },
  };
}

async function readAddresses(child) {
  let last = "nothing";
  for await (const line of createInterface({ input: child.stderr })) {
    const found = line.match(/public=(\S+) private=(\S+)/);
    if (found) {
      child.stderr.resume();
      return { publicAddress: `http://${found[1]}`, privateAddress: `http://${found[2]}` };
    }
    last = line;
  }
  throw new Error(`the origin did not start: ${last}`);
}
