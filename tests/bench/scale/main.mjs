// Works out the tables of docs/SCALE.md and writes them there, each between `<!-- scale: NAME -->` and `<!-- end -->`.
// With `--check` it writes nothing, and fails where the document says otherwise.

import { readFileSync, writeFileSync } from "node:fs";

import { TABLES } from "./tables.mjs";

const DOCUMENT = new URL("../../../docs/SCALE.md", import.meta.url);
const PLACES = /(<!-- scale: (\w+) -->\n)([\s\S]*?)(<!-- end -->)/g;

const wrong = [];
const unused = new Set(Object.keys(TABLES));
const found = readFileSync(DOCUMENT, "utf8");
const written = found.replace(PLACES, (_, start, name, old, end) => {
  unused.delete(name);
  const now = TABLES[name] ? `\n${TABLES[name]()}\n\n` : "";
  if (now !== old) wrong.push(name);
  return start + now + end;
});

if (process.argv.includes("--check")) {
  for (const name of wrong) console.error(`docs/SCALE.md: the table "${name}" is not what the simulation says; make scale`);
  for (const name of unused) console.error(`docs/SCALE.md has no place for the table "${name}"`);
  process.exitCode = wrong.length + unused.size === 0 ? 0 : 1;
} else {
  writeFileSync(DOCUMENT, written);
  for (const [, , name, body] of written.matchAll(PLACES)) console.log(`${name}${body}`);
}
