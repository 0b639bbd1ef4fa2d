// Wherever a sign-in is said to lead, it leads to this site.
import assert from "node:assert/strict";

import { seesOwnPage, signIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

/** The plain ways to write an address elsewhere, and two that come out of their encoding as such. */
const plainWays = (evil) => [
  `http://${evil}/`,
  `//${evil}/`,
  `/\\${evil}/`,
  `http:${evil}/`,
  `/\t/${evil}/`,
  `/\n/${evil}/`,
  `%2f%2f${evil}/`,
  `javascript:location='http://${evil}/'`,
];

/** All of which some browser or server has fallen for. */
const ways = (evil) => [
  ...plainWays(evil),
  `///${evil}/`,
  `////${evil}/`,
  `\\/${evil}/`,
  `\\\\${evil}/`,
  `/\r/${evil}/`,
  `\t//${evil}/`,
  ` //${evil}/`,
  `\u0000//${evil}/`,
  `https:${evil}/`,
  `http:/${evil}/`,
  `http:\\\\${evil}/`,
  `HTTP://${evil}/`,
  `/%2f${evil}/`,
  `/%5c${evil}/`,
  `/%09/${evil}/`,
  `/.//${evil}/`,
  `/..//${evil}/`,
  `/;@${evil}/`,
  `@${evil}/`,
  `.${evil}/`,
  `/\u2044${evil}/`,
  `/\uff0f${evil}/`,
  `data:text/html,<script>location='http://${evil}/'</script>`,
  `view-source:http://${evil}/`,
  `/\r\nLocation: http://${evil}/`,
];

// From this site's own name to a host elsewhere, which would answer if it were asked.
const evilOf = (stack) => `127.0.0.1:${stack.elsewhere.port}`;

story("a hostile return_to in a link leads nowhere else", async ({ page, stack, site }) => {
  const visits = stack.elsewhere.visits.length;
  for (const way of plainWays(evilOf(stack))) {
    await page.goto(`${site}/auth/login?return_to=${encodeURIComponent(way)}`);
    await leadsBack(page, site, way);
  }
  assert.deepEqual(stack.elsewhere.visits.slice(visits), []);
});

// The page has cleaned what it was given; here it is the form that is tampered with.
story("a hostile return_to in the form leads nowhere else", async ({ page, stack, site }) => {
  const visits = stack.elsewhere.visits.length;
  for (const way of ways(evilOf(stack))) {
    await page.goto(`${site}/auth/login`);
    await page.locator("[name=return_to]").evaluate((field, way) => (field.value = way), way);
    await leadsBack(page, site, way);
  }
  assert.deepEqual(stack.elsewhere.visits.slice(visits), []);
});

story("a hostile path that asks for a sign-in leads nowhere else", async ({ page, stack, site }) => {
  const visits = stack.elsewhere.visits.length;
  for (const path of [`//${evilOf(stack)}/`, `/\\${evilOf(stack)}/`, `/%5c${evilOf(stack)}/`, `/%2f/${evilOf(stack)}/`]) {
    await page.context().clearCookies();
    await page.goto(`${site}${path}`);
    await leadsBack(page, site, path);
  }
  assert.deepEqual(stack.elsewhere.visits.slice(visits), []);
});

async function leadsBack(page, site, way) {
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await signIn(page, "ada");
  assert.equal((await answer).status(), 303, way);
  // Wherever that led: the page there has been loaded.
  await page.waitForLoadState();
  await page.waitForFunction(() => !document.querySelector("[name=return_to]"));
  assert.equal(new URL(page.url()).origin, site, way);
}
