// jose, answering by itself.
import { check } from "./jose-check.mjs";
import { read } from "./reading.mjs";

export default {
  async fetch(request, env) {
    const claims = await check(read(request).cookie, env);
    return claims ? new Response("ok") : new Response("refused", { status: 401 });
  },
};
