// What the browser keeps of a session, and what scripts can see of it.
import assert from "node:assert/strict";

import { keepProfile } from "./kit/chromium.mjs";
import { arrive, cookieOf, seesOwnPage, seesSignIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

story("the browser holds both cookies as a __Host- cookie must be held", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  // A domain with a leading dot would be that of a cookie for all hosts below, too.
  const held = { domain: "localhost", path: "/", secure: true, sameSite: "Lax", expires: -1 };
  for (const [name, httpOnly] of [["__Host-sg", true], ["__Host-sg_csrf", false]]) {
    const { value, ...attributes } = await cookieOf(context, name);
    assert.deepEqual(attributes, { name, httpOnly, ...held });
    assert.match(value, httpOnly ? /^v1\.[\w-]{11}\.[\w-]+\.[\w-]{43}$/ : /^[\w-]{22}$/);
  }
});

story("scripts see the CSRF token and not the access token", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  const visible = await page.evaluate(() => document.cookie);
  const csrf = await cookieOf(context, "__Host-sg_csrf");
  assert.ok(visible.split("; ").includes(`__Host-sg_csrf=${csrf.value}`), visible);
  assert.doesNotMatch(visible, /__Host-sg=|v1\./);
  const stored = await page.evaluate(async () => (await cookieStore.getAll()).map((cookie) => cookie.name));
  assert.ok(!stored.includes("__Host-sg"), String(stored));
});

story("a script cannot put another cookie in the place of ours", async ({ page, context, site }) => {
  await arrive(page, site, "ada");
  const before = await cookieOf(context, "__Host-sg");
  await page.evaluate(() => {
    document.cookie = "__Host-sg=mine; path=/; secure";
    document.cookie = "__Host-sg=mine; path=/auth; secure";
    document.cookie = "__Host-sg=mine; path=/; secure; domain=localhost";
  });
  assert.deepEqual(await cookieOf(context, "__Host-sg"), before);
});

story("staying signed in outlasts the browser, and only when asked for", async ({ site }) => {
  for (const remember of [true, false]) {
    using profile = keepProfile();
    const first = await profile.open();
    try {
      await arrive(first.pages()[0], site, "ada", { remember });
      const { expires } = await cookieOf(first, "__Host-sg");
      assert.equal(expires > Date.now() / 1000, remember);
    } finally {
      await first.close();
    }
    const second = await profile.open();
    try {
      const page = second.pages()[0];
      await page.goto(`${site}/`);
      await (remember ? seesOwnPage(page, "ada") : seesSignIn(page));
    } finally {
      await second.close();
    }
  }
});
