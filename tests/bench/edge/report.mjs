// What was measured, compared and judged: a table for the terminal.
import { JOSE, LADEN, MEMORY, OURS, SCENARIOS } from "./contenders.mjs";

const NOISE = 0.1;

/** Adds to each result how it stands to the scenario's base and to jose at the same. */
export function compare(results) {
  const cpu = (name, scenario) => results.find((one) => one.name === name && (!scenario || one.scenario === scenario));
  return results.map((result) => {
    const { base } = SCENARIOS.find(({ name }) => name === result.scenario);
    const to = (other) => result.cpu_us_p25 / other.cpu_us_p25;
    return { ...result, base, to_base: to(cpu(base)), to_jose: to(cpu(JOSE, result.scenario)) };
  });
}

/** Our ratios beside what was aimed at and what is accepted. */
export function judge(results) {
  return SCENARIOS.flatMap(({ name, goals = {} }) => {
    const ours = results.find((result) => result.scenario === name && result.name === OURS);
    return Object.entries(goals).map(([ratio, { aim, accept }]) => {
      const measured = ours[ratio];
      const verdict = measured <= aim ? "as aimed" : measured <= (accept ?? aim) ? "accepted" : "missed";
      return { scenario: name, ratio, measured, aim, accept, verdict };
    });
  });
}

/** What refusing a forged cookie costs, beside accepting a good one. */
export function forgedToGood(results) {
  const ours = (scenario) => results.find((result) => result.scenario === scenario && result.name === OURS);
  return ours("reject forged").cpu_us_p25 / ours("verify and answer").cpu_us_p25;
}

/** What looking through many revocations adds. Less than a tenth is not resolved. */
export function lookUps(results) {
  const at = (name, scenario) => results.find((result) => result.name === name && result.scenario === scenario);
  return SCENARIOS.filter(({ cookie }) => cookie === "good").flatMap(({ name: scenario }) =>
    LADEN.map((name) => {
      const to_quiet = at(name, scenario).cpu_us_p25 / at(OURS, scenario).cpu_us_p25;
      return { name, scenario, to_quiet, verdict: to_quiet <= 1 + NOISE ? "in the noise" : "to be seen" };
    }),
  );
}

export function print({ results, goals, look_ups, forged_to_good, memory, sizes, starts }) {
  for (const { name, base } of SCENARIOS) {
    const rows = results.filter(({ scenario }) => scenario === name);
    table(name, ["requests/s", "CPU µs p25", `× ${base}`, "× jose"], rows, (row) => [
      row.requests_per_s.toFixed(0),
      row.cpu_us_p25.toFixed(1),
      row.to_base.toFixed(2),
      row.to_jose.toFixed(2),
    ]);
  }
  for (const { scenario, ratio, measured, aim, accept, verdict } of goals) {
    const limits = accept ? `aim ${aim.toFixed(2)}, accept ${accept.toFixed(2)}` : `aim ${aim.toFixed(2)}`;
    const { base } = SCENARIOS.find(({ name }) => name === scenario);
    console.log(`${scenario}: ${measured.toFixed(2)} × ${ratio === "to_base" ? base : JOSE} (${limits}): ${verdict}`);
  }
  for (const { name, scenario, to_quiet, verdict } of look_ups) {
    console.log(`${scenario}: ${name}: ${to_quiet.toFixed(2)} × ${OURS} without: ${verdict}`);
  }
  console.log(`refusing a forged cookie costs ${forged_to_good.toFixed(2)} times what accepting a good one does\n`);
  const kilobytes = (bytes) => (bytes / 1_000).toFixed(1);
  table("size, kB", ["raw", "gzip", "Wasm raw", "Wasm gzip", "minified", "gzip"], sizes, ({ raw, gzip, wasm, minified }) =>
    [raw, gzip, wasm.raw, wasm.gzip, minified.raw, minified.gzip].map(kilobytes),
  );
  table(`memory in Wasm, MB (aim ${MEMORY.aim_mb})`, ["at first", "with the feed", "heads later"], memory, (row) =>
    [row.at_first_mb, row.with_feed_mb, row.later_mb].map((megabytes) => megabytes.toFixed(2)),
  );
  table("from start to first answer", ["ms median"], starts, ({ ms_median }) => [ms_median.toFixed(0)]);
}

function table(title, columns, rows, cells) {
  const line = (name, texts) => name.padEnd(36) + texts.map((text) => text.padStart(15)).join("");
  console.log(line(title, columns));
  for (const row of rows) console.log(line(`  ${row.name}`, cells(row)));
  console.log();
}
