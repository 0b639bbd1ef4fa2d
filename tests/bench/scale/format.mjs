// Figures as people read them: two or three digits that mean something, and a unit.

/** With two digits, or three where there is a comma: no more of them are known. */
export function number(value) {
  if (value >= 1e9) return `${digits(value / 1e9)} billion`;
  if (value >= 1e6) return `${digits(value / 1e6)} million`;
  if (value >= 1000) return String(Math.round(Number(value.toPrecision(2)))).replace(/\B(?=(\d{3})+$)/g, ",");
  return digits(value);
}

const digits = (value) => String(Number(value.toPrecision(2)));

export function bytes(value) {
  for (const [unit, size] of [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (value >= size) return `${digits(value / size)} ${unit}`;
  }
  return `${digits(value)} B`;
}

export const percent = (part) => `${digits(part < 0.0005 ? 0 : part * 100)} %`;
export const seconds = (value) => `${value.toFixed(1)} s`;
export const dollars = (value) => `$${number(value < 1 ? 1 : value)}`;

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
