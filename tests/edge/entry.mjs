// The Worker as the stories run it: the same door and the same gate, on a clock that the kit sets, and with a
// host of its own through which the kit reaches them. Never deployed.
import Worker from "../../build/index.js";
import { createDoor } from "../../edge/door.mjs";

// How often an answer of the origin was taken in.
let absorbed = 0;
const { absorb } = Worker.prototype;
Worker.prototype.absorb = (errand, ...args) => {
  // Without an errand it is a question whether anything is held.
  if (errand) absorbed += 1;
  return absorb(errand, ...args);
};

let standing = null;
const door = createDoor(Worker, { now: () => standing ?? Date.now() });

function call(name, args) {
  return Worker.prototype[name](...args.map((arg) => (arg?.bytes ? Uint8Array.from(arg.bytes) : arg)));
}

async function control(request) {
  switch (new URL(request.url).pathname) {
    case "/clock":
      standing = Number(await request.text());
      return new Response(null, { status: 204 });
    case "/absorbed":
      return new Response(String(absorbed));
    case "/call": {
      // Calls an export of the built WebAssembly by name.
      const { name, args } = await request.json();
      return new Response(call(name, args));
    }
    case "/calls": {
      // Many of them, one after the other: a request for each would take far longer than the calls.
      const calls = await request.json();
      return Response.json(calls.map(({ name, args }) => call(name, args)));
    }
    default:
      return new Response(null, { status: 404 });
  }
}

export default {
  fetch: (request, env, ctx) => (request.url.startsWith("http://kit.invalid/") ? control(request) : door.fetch(request, env, ctx)),
};
