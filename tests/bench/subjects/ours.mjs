// The door as it is deployed, but for the application behind it: where a request would be sent on it is answered, so
// that it costs what deciding costs.
import Worker from "../../../build/index.js";
import { createDoor } from "../../../edge/door.mjs";

const door = createDoor(Worker, { now: Date.now });

export default {
  async fetch(request, env, ctx) {
    const decided = door.decide(request, env, ctx);
    const verdict = typeof decided === "string" ? decided : await decided;
    if (verdict.startsWith("forward ")) return new Response("ok");
    return door.refusal(request, env, ctx, verdict.slice("refuse ".length));
  },
};
