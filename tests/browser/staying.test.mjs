// Staying signed in without noticing, in a real browser: its cookies, its connections, its tabs.
import assert from "node:assert/strict";

import { keepProfile } from "./kit/chromium.mjs";
import { arrive, cookieOf, seesOwnPage, seesSignIn, signOut } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

const TABS = 10;
const ROUNDS = process.env.TEST_SCALE === "full" ? 40 : 3;
const OURS = ["__Host-sg", "__Host-sg_refresh", "__Host-sg_csrf"];

const whoami = (page) => page.evaluate(async () => (await fetch("/whoami")).json());

async function valuesOf(context) {
  const held = await Promise.all(OURS.map((name) => cookieOf(context, name)));
  return held.map((cookie) => cookie?.value);
}

/** How often the session has been refreshed: behind the 16 bytes of its id, a varint of one byte here. */
async function generationOf(context) {
  const { value } = await cookieOf(context, "__Host-sg_refresh");
  return Buffer.from(value.split(".")[2], "base64url")[16];
}

story("the browser holds a refresh token as a __Host- cookie must be held", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  const { value, ...attributes } = await cookieOf(context, "__Host-sg_refresh");
  const held = { domain: "localhost", path: "/", secure: true, sameSite: "Lax", expires: -1 };
  assert.deepEqual(attributes, { name: "__Host-sg_refresh", httpOnly: true, ...held });
  assert.match(value, /^r1\.[\w-]{11}\.[\w-]+\.[\w-]{43}\.[\w-]{43}$/);
  const visible = await page.evaluate(() => document.cookie);
  assert.doesNotMatch(visible, /__Host-sg_refresh|r1\./);
});

story("a browser that has lost its access token gets another, and the page does not notice", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  const { session } = await whoami(page);
  const before = await valuesOf(context);
  await context.clearCookies({ name: "__Host-sg" });
  await page.goto(`${site}/?page=2`);
  await seesOwnPage(page, "ada");
  assert.equal((await whoami(page)).session, session);
  assert.deepEqual(await valuesOf(context), before, "the very same: it was not a minute ago");
});

// What is known of the actor changes, at once: so every access token there is is refused, and each tab is refreshed.
story("ten tabs load at once when their token has just gone, and nobody is signed out", async ({ page, context, stack, site }) => {
  await arrive(page, site, "tabitha");
  const { session } = await whoami(page);
  const tabs = [page];
  while (tabs.length < TABS) tabs.push(await context.newPage());
  let seed = 6;
  const draw = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < ROUNDS; round++) {
    const before = await generationOf(context);
    const role = `round-${round}`;
    const changed = await stack.origin.ask("PATCH", "/v1/actors/user/tabitha?now=true", { roles: [role] });
    assert.equal(changed.status, 200, await changed.text());
    // The edge hears of it within the bound; until then the old token is good.
    stack.holdUp(() => draw(150));
    await Promise.all(tabs.map((tab) => tab.goto(`${site}/?round=${round}`)));
    let told;
    do told = await whoami(tabs[draw(TABS)]);
    while (told.session === session && ![told.roles].flat().join(",").includes(role));
    await Promise.all(tabs.map((tab) => tab.goto(`${site}/?round=${round}&again`)));
    stack.holdUp(null);
    for (const tab of tabs) await seesOwnPage(tab, "tabitha");
    const answers = await Promise.all(tabs.map(whoami));
    assert.ok(answers.every((answer) => answer.session === session), JSON.stringify(answers));
    assert.equal(await generationOf(context), before + 1, `round ${round}: one step for all tabs`);
  }
  console.log(`staying: ${ROUNDS} rounds of ${TABS} tabs in Chromium, 0 sign-outs`);
});

story("a tab that loads while another signs out brings nothing back", async ({ page, context, stack, site }) => {
  await arrive(page, site, "ada");
  const slow = await context.newPage();
  await slow.goto(`${site}/public`);
  for (let round = 0; round < 3; round++) {
    await context.clearCookies({ name: "__Host-sg" });
    stack.holdUp(() => 200);
    const loading = slow.goto(`${site}/?slow`);
    await signOut(page);
    await loading;
    stack.holdUp(null);
    // Whatever came last: it is good for nothing.
    await slow.goto(`${site}/`);
    await seesSignIn(slow);
    await arrive(page, site, "ada");
  }
});

story("a browser that is opened again is refreshed if it was to stay signed in", async ({ site }) => {
  for (const remember of [true, false]) {
    using profile = keepProfile();
    const first = await profile.open();
    try {
      await arrive(first.pages()[0], site, "ada", { remember });
      for (const name of OURS) assert.equal((await cookieOf(first, name)).expires > Date.now() / 1000, remember, name);
    } finally {
      await first.close();
    }
    const second = await profile.open();
    try {
      const page = second.pages()[0];
      for (const name of OURS) assert.equal((await cookieOf(second, name)) !== undefined, remember, name);
      // As if its access token had run out overnight.
      await second.clearCookies({ name: "__Host-sg" });
      await page.goto(`${site}/`);
      await (remember ? seesOwnPage(page, "ada") : seesSignIn(page));
    } finally {
      await second.close();
    }
  }
});

// Its pages' clock, that is; the cookies' own is the machine's.
for (const hours of [-1, 1]) {
  story(`a page whose clock is ${hours} h off stays signed in`, async ({ page, context, site }) => {
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await arrive(page, site, "ada", { remember: true });
    const { session } = await whoami(page);
    for (let round = 0; round < 2; round++) {
      await context.clearCookies({ name: "__Host-sg" });
      await page.goto(`${site}/?round=${round}`);
      await seesOwnPage(page, "ada");
      assert.equal((await whoami(page)).session, session);
    }
  });
}
