// How large the Workers are: as wrangler uploads them by default, and minified, which makes the peers smaller.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { bundle } from "../../kit-js/workerd.mjs";

/** Bytes of each Worker, once where two are the same. `wasm` is in them, too. Each module is compressed by itself. */
export function measureSizes(workers, { root, folder }) {
  const measure = (name, main, minify) => {
    const home = join(folder, minify ? "minified" : "plain");
    mkdirSync(home, { recursive: true });
    const modules = Object.values(bundle(root, main, join(home, `${name}.mjs`), { minify }));
    return { ...sizeOf(modules), wasm: sizeOf(modules.filter((path) => path.endsWith(".wasm"))) };
  };
  const entries = Object.entries(workers);
  const isFirst = ([, { main }], at) => entries.findIndex(([, other]) => other.main === main) === at;
  return entries.filter(isFirst).map(([name, { main }]) => {
    const [{ raw, gzip, wasm }, minified] = [measure(name, main, false), measure(name, main, true)];
    return { name, main, raw, gzip, wasm, minified: { raw: minified.raw, gzip: minified.gzip } };
  });
}

function sizeOf(paths) {
  const files = paths.map((path) => readFileSync(path));
  const sum = (length) => files.reduce((total, file) => total + length(file), 0);
  return { raw: sum((file) => file.length), gzip: sum((file) => gzipSync(file, { level: 9 }).length) };
}
