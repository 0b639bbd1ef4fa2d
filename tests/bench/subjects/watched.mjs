// Remembers what the build instantiates. To be imported before it.
const { Instance } = WebAssembly;
let last;

WebAssembly.Instance = class extends Instance {
  constructor(...parts) {
    super(...parts);
    last = this;
  }
};

/** Bytes of the memory of the module that was instantiated last. */
export function wasmBytes() {
  return last.exports.memory.buffer.byteLength;
}
