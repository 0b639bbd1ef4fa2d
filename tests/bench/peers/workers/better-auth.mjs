// better-auth's check of its cookie cache, in the default form. It takes the secret as a text and imports it each time;
// its schema library compiles nothing where texts may not become code, as in every Worker. A revocation is felt when the
// cache has run out.
import { getCookieCache } from "better-auth/cookies";

import { read } from "../../subjects/reading.mjs";

export default {
  async fetch(request, env) {
    read(request);
    const found = await getCookieCache(request, { secret: env.BETTER_AUTH_SECRET, isSecure: false });
    return found ? new Response("ok") : new Response("refused", { status: 401 });
  },
};
