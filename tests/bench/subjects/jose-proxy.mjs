// jose before an application, which is told who asks.
import { check } from "./jose-check.mjs";
import { passOn } from "./passing.mjs";
import { read } from "./reading.mjs";

export default {
  async fetch(request, env) {
    const asked = read(request);
    const claims = await check(asked.cookie, env);
    return claims ? passOn(request, asked, env, claims) : new Response("refused", { status: 401 });
  },
};
