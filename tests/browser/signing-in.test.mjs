// From being nobody to being recognised, and back.
import assert from "node:assert/strict";

import { arrive, cookieOf, seesOwnPage, seesSignIn, signIn, signOut } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

story("sign in, be recognised, sign out, be refused", async ({ page, context, site }) => {
  await page.goto(`${site}/`);
  await seesSignIn(page);
  assert.equal(page.url(), `${site}/auth/login?return_to=/`);

  await signIn(page, "ada");
  await seesOwnPage(page, "ada");
  assert.equal(page.url(), `${site}/`);
  const { value } = await cookieOf(context, "__Host-sg");

  await signOut(page);
  assert.equal(await cookieOf(context, "__Host-sg"), undefined);
  assert.equal(await cookieOf(context, "__Host-sg_csrf"), undefined);

  // Whoever had copied the cookie is out, too. The edge was told by the very request that signed out.
  const answer = await context.request.get(`${site}/whoami`, { headers: { cookie: `__Host-sg=${value}` } });
  assert.equal(answer.status(), 401);
  assert.equal((await answer.json()).code, "revoked");
});

story("signing in leads to the very page that was asked for", async ({ page, site }) => {
  const deep = `${site}/?page=2&q=caf%C3%A9+%26%2F%2Fb&back=//evil.example`;
  await page.goto(deep);
  await signIn(page, "grace");
  await seesOwnPage(page, "grace");
  assert.equal(page.url(), deep);
});

story("a mistake in the form is shown and loses nothing", async ({ page, site }) => {
  await page.goto(`${site}/?page=3`);
  // Past the browser's own check of the field.
  await page.locator("form").evaluate((form) => (form.noValidate = true));
  await signIn(page, "ada lovelace", { remember: true });
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "ada lovelace");
  assert.equal(await page.getByLabel("Stay signed in").isChecked(), true);
  await signIn(page, "ada");
  await seesOwnPage(page, "ada");
  assert.equal(page.url(), `${site}/?page=3`);
});

story("two browsers are two sessions", async ({ page, visitor, site }) => {
  const other = await visitor();
  await arrive(page, site, "ada");
  await arrive(other, site, "grace");
  await page.reload();
  await seesOwnPage(page, "ada");
  await signOut(page);
  await other.reload();
  await seesOwnPage(other, "grace");
});

story("two tabs of one browser are one session", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  const tab = await context.newPage();
  await tab.goto(`${site}/`);
  await seesOwnPage(tab, "ada");
  await signOut(tab);
  await page.reload();
  await seesSignIn(page);
});

// Whoever is sent to sign in again and again is told instead (a browser may refuse our cookies): but not this one.
story("signing in and out many times is no loop", async ({ page, site }) => {
  for (let times = 0; times < 5; times++) {
    await arrive(page, site, "ada");
    await signOut(page);
  }
});

story("a session that the API revokes ends in the browser", async ({ page, stack, site }) => {
  const whoami = () => page.evaluate(async () => (await fetch("/whoami")).json());
  await arrive(page, site, "ada");
  const { session } = await whoami();
  assert.equal((await stack.origin.ask("DELETE", `/v1/sessions/${session}`)).status, 200);

  // The edge reads the feed twice a second. The story's own deadline ends the waiting.
  let answer;
  do answer = await whoami();
  while (answer.session === session);
  assert.equal(answer.code, "revoked");
  await page.reload();
  await seesSignIn(page);
});
