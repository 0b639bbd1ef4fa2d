// Contenders and scenarios, combined: the Workers to start, and the rows to measure.
import { CONTENDERS, SCENARIOS } from "./contenders.mjs";
import { browserRequest } from "./request.mjs";

/** All Workers by name, as the kit starts them. */
export function workersOf(sites) {
  const workers = CONTENDERS.flatMap((contender) =>
    ["answers", "proxies"]
      .filter((by) => contender[by])
      .map((by) => [nameOf(contender, by), { main: contender[by], ...environmentOf(contender, sites) }]),
  );
  return Object.fromEntries(workers);
}

/** What to load: a row for each scenario and each contender that can take part in it. */
export function rowsOf(ports, sites, peerCookies) {
  return SCENARIOS.flatMap(({ name: scenario, by, cookie, status }) => {
    const cookieOf = ({ site, cookies }) => (site ? sites[site].cookies : peerCookies[cookies])[cookie];
    const takesPart = (contender) => contender[by] && cookieOf(contender);
    return CONTENDERS.filter(takesPart).map((contender) => {
      const worker = nameOf(contender, by);
      const request = browserRequest({ path: contender.path, cookie: cookieOf(contender) });
      return { name: contender.name, scenario, by, worker, port: ports[worker], request, status };
    });
  });
}

function nameOf({ name }, by) {
  return `${name.replaceAll(/[^a-z0-9]+/g, "-")}-${by}`;
}

function environmentOf({ site }, sites) {
  return site ? { settings: sites[site].settings, secrets: sites[site].secrets } : {};
}
