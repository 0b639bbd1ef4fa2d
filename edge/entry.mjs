// The Worker's main module: the door, on the real clock.
import Worker from "../build/index.js";
import { createDoor } from "./door.mjs";

const { fetch } = createDoor(Worker, { now: Date.now });

export default { fetch };
