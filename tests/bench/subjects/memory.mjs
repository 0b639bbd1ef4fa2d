// The door, which answers how much memory it had before a decision and has after it. The import of what watches comes
// first: it must be there when the build is instantiated.
import { wasmBytes } from "./watched.mjs";
import Worker from "../../../build/index.js";
import { createDoor } from "../../../edge/door.mjs";

const door = createDoor(Worker, { now: Date.now });

export default {
  async fetch(request, env, ctx) {
    const before = wasmBytes();
    const verdict = await door.decide(request, env, ctx);
    const status = verdict.startsWith("forward ") ? 200 : 500;
    return Response.json({ before, after: wasmBytes(), verdict: verdict.split("\n", 1)[0] }, { status });
  },
};
