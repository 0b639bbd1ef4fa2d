// The least a Worker can do that looks at its request.
import { read } from "./reading.mjs";

export default {
  fetch(request) {
    const { url, method, cookie } = read(request);
    return new Response(url.length + method.length + cookie.length ? "ok" : "");
  },
};
