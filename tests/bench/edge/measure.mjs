// The measuring itself: CPU time of workerd, requests a second, and how long a start takes.
import { load, loadOnce } from "../load.mjs";
import { cpuNanoseconds } from "../../kit-js/workerd.mjs";

/**
 * Loads all rows in turns, round by round, so that what else the machine does hits all alike. Answers for each the CPU
 * microseconds of a request, in the quartile of the rounds that was disturbed least, and the median of requests a second.
 */
export async function measureRows(rows, pid, { rounds, requests }) {
  const measured = rows.map((row) => ({ row, cpu: [], rate: [] }));
  for (const { row } of measured) await load(row, requests); // warmed up
  for (let round = 0; round < rounds; round++) {
    // Forth and back, so that nobody always comes after the same.
    for (const { row, cpu, rate } of round % 2 ? measured.toReversed() : measured) {
      const [cpuBefore, before] = [cpuNanoseconds(pid), performance.now()];
      const sent = await load(row, requests);
      rate.push((sent / (performance.now() - before)) * 1_000);
      cpu.push((cpuNanoseconds(pid) - cpuBefore) / sent / 1_000);
    }
  }
  return measured.map(({ row, cpu, rate }) => ({
    scenario: row.scenario,
    name: row.name,
    requests_per_s: quantile(rate, 0.5),
    cpu_us_p25: quantile(cpu, 0.25),
  }));
}

/**
 * Starts a workerd for each row by itself, in turns, and sends it one request. Answers the median of the milliseconds
 * between the start of the process and the answer. `start` starts one Worker.
 */
export async function measureStarts(rows, start, { times }) {
  const measured = rows.map((row) => ({ row, took: [] }));
  for (let time = 0; time < times; time++) {
    for (const { row, took } of measured) {
      const workerd = await start(row.worker);
      try {
        await loadOnce({ ...row, port: workerd.ports[row.worker] });
        took.push(performance.now() - workerd.spawnedAt);
      } finally {
        await workerd.stop();
      }
    }
  }
  return measured.map(({ row, took }) => ({ name: row.name, ms_median: quantile(took, 0.5), ms: took }));
}

function quantile(numbers, part) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)];
}
