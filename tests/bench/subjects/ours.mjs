// The door as it is deployed, but for the application behind it: where a request would be sent on it is answered, so
// that it costs what deciding costs.
import Worker from "../../../build/index.js";
import { createDoor } from "../../../edge/door.mjs";

const door = createDoor(Worker, { now: Date.now });

export default {
  async fetch(request, env, ctx) {
    const verdict = await door.decide(request, env, ctx);
    return verdict.startsWith("forward ") ? new Response("ok") : door.refusal(request, verdict.slice("refuse ".length));
  },
};
