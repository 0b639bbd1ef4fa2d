// After signing out, what was private is gone from the screen: also for whoever presses "back", and although Chromium
// keeps whole pages for that, no-store or not.
import assert from "node:assert/strict";

import { arrive, seesOwnPage, seesSignIn, signOut } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

story("back after signing out shows nothing private", async ({ page, site }) => {
  await arrive(page, site, "zelda");
  await page.goto(`${site}/?page=2`);
  await signOut(page);
  // `/auth/login` of signing in lies between the two pages.
  for (let steps = 0; steps < 2; steps++) {
    await goBack(page);
    await seesSignIn(page);
    assert.doesNotMatch(await page.content(), /zelda/);
  }
});

story("a page that the browser had kept whole is gone with the session", async ({ page, context, stack, site }) => {
  await context.addInitScript(() => addEventListener("pageshow", (event) => (window.wasKept = event.persisted)));
  await arrive(page, site, "zelda");
  await page.goto(stack.elsewhere.at("127.0.0.1"));
  await goBack(page);
  await seesOwnPage(page, "zelda");
  // Otherwise this browser keeps none, and the rest would show nothing.
  await page.waitForFunction(() => window.wasKept === true);

  await page.goto(stack.elsewhere.at("127.0.0.1"));
  const tab = await context.newPage();
  await tab.goto(`${site}/?page=2`);
  await signOut(tab);
  await goBack(page);
  await seesSignIn(page);
  assert.equal(await page.evaluate(() => window.wasKept), false);
});

/** As the button does it. Playwright's own `goBack` waits for a page to be loaded, and a kept one never is. */
async function goBack(page) {
  const here = page.url();
  await page.evaluate(() => void setTimeout(() => history.back())); // not before this call has been answered
  await page.waitForURL((url) => url.href !== here, { waitUntil: "commit" });
}
