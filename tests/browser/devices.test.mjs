// Two browsers of one person: each contexts of its own, so each a device.
import assert from "node:assert/strict";

import { arrive, cookieOf, seesOwnPage, seesSignIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

// The promise: refused everywhere within a second of the acknowledgement. The rest is what a busy machine takes.
const PROMISED_MS = 1_000;

/** Signs in on a second device, and answers its page and the id of its session. */
async function secondDevice(visitor, site) {
  const page = await visitor();
  await arrive(page, site, "ada");
  const { session } = await ask(page, "/whoami");
  return { page, session };
}

const ask = (page, path, init) => page.evaluate(async ([path, init]) => (await fetch(path, init)).json(), [path, init]);

/** Clicks on that device until it is refused, and answers how long after `since` that was. */
async function clicksUntilRefused(page, since) {
  let answer;
  do answer = await ask(page, "/whoami");
  while (answer.session);
  assert.equal(answer.code, "revoked");
  return performance.now() - since;
}

story("A signs B out by the page, and B's next click is refused", async ({ page, visitor, site }) => {
  await arrive(page, site, "ada");
  const other = await secondDevice(visitor, site);
  await page.goto(`${site}/auth/account`);
  await page.getByRole("heading", { name: "Other devices" }).waitFor();
  const [button] = await page.getByRole("button", { name: /^Sign out (?!here|all)/ }).all();
  const acknowledged = page.waitForResponse((response) => response.request().method() === "POST");
  await button.click();
  await acknowledged;
  const took = await clicksUntilRefused(other.page, performance.now());
  console.log(`devices: by the page, refused ${took.toFixed(0)} ms after the acknowledgement`);
  assert.ok(took < 5 * PROMISED_MS, `${took} ms`);
  await other.page.reload();
  await seesSignIn(other.page);
  await page.goto(`${site}/`);
  await seesOwnPage(page, "ada");
});

story("A signs B out by a script, and B's next click is refused", async ({ page, visitor, site }) => {
  await arrive(page, site, "ada");
  const taken = [];
  for (let round = 0; round < 3; round++) {
    const other = await secondDevice(visitor, site);
    const ended = await ask(page, `/auth/sessions/${other.session}`, { method: "DELETE" });
    taken.push(await clicksUntilRefused(other.page, performance.now()));
    assert.deepEqual(ended, { revoked: 1 });
    // Its refresh token brings nothing back, either.
    await other.page.context().clearCookies({ name: "__Host-sg" });
    assert.equal((await ask(other.page, "/whoami")).code, "revoked");
    await other.page.reload();
    await seesSignIn(other.page);
  }
  const shown = taken.map((took) => took.toFixed(0)).join(", ");
  console.log(`devices: by the API, refused ${shown} ms after the acknowledgement`);
  assert.ok(Math.max(...taken) < 5 * PROMISED_MS, shown);
  const { sessions } = await ask(page, "/auth/sessions");
  assert.equal(sessions.filter((session) => session.current).length, 1);
});

story("B signs out everywhere, and A is out", async ({ page, visitor, site }) => {
  await arrive(page, site, "grace");
  const other = await visitor();
  await arrive(other, site, "grace");
  const ended = await ask(other, "/auth/sessions", { method: "DELETE" });
  assert.ok(ended.revoked >= 2, JSON.stringify(ended));
  for (const name of ["__Host-sg", "__Host-sg_refresh", "__Host-sg_csrf"]) {
    assert.equal(await cookieOf(other.context(), name), undefined, name);
  }
  await clicksUntilRefused(page, performance.now());
  await page.reload();
  await seesSignIn(page);
  await other.goto(`${site}/`);
  await seesSignIn(other);
});

// Whoever has switched scripts off, in a browser that says nothing of where its requests come from.
story("signing out works without scripts", { javaScriptEnabled: false }, async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  await page.goto(`${site}/auth/account`);
  await page.getByRole("button", { name: "Sign out here" }).click();
  await page.waitForLoadState();
  assert.equal(await cookieOf(context, "__Host-sg"), undefined);
  assert.equal(await cookieOf(context, "__Host-sg_refresh"), undefined);
});
