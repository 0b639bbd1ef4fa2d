// hono's check of a JSON Web Token at its best: without the framework around it, under a key that is imported once.
// It looks at the expiry before the MAC, so an expired token costs it no hashing.
import { verify } from "hono/jwt";

import { importKey, tokenIn } from "../../subjects/jwt.mjs";
import { read } from "../../subjects/reading.mjs";

export default {
  async fetch(request, env) {
    const token = tokenIn(read(request).cookie);
    try {
      await verify(token, await importKey(env), { alg: "HS256", aud: "demo" });
    } catch {
      return new Response("refused", { status: 401 });
    }
    return new Response("ok");
  },
};
