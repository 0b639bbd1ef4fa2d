// Signing in at a real OpenID provider, on both databases: there and back, and what can come between.
import assert from "node:assert/strict";
import { describe } from "node:test";

import { cookieOf, enterAtProvider, seesOwnPage, seesSignIn, signInAtProvider } from "./kit/person.mjs";
import { storiesOn } from "./kit/story.mjs";
import { bringAxe, usableByEverybody } from "./kit/usable.mjs";

const FRESH_S = 3;
const PASSWORD = "correct horse battery staple";

for (const database of ["sqlite", "postgres"]) {
  describe(`at a provider, on ${database}`, () => {
    const story = storiesOn({ database, provider: true, freshFor: FRESH_S });

    story("sign in, be recognised, sign out there, be refused here", async ({ page, context, stack, site }) => {
      await page.goto(`${site}/?page=2`);
      await seesSignIn(page);
      await signInAtProvider(page, "ada");
      await seesOwnPage(page, "ada");
      assert.equal(page.url(), `${site}/?page=2`);
      const { value, expires } = await cookieOf(context, "__Host-sg");
      assert.equal(expires, -1, "for this time only");
      // Another tab may still need what binds sign-ins to this browser; it ends by itself.
      assert.ok((await cookieOf(context, "__Host-sg_login")).expires < Date.now() / 1000 + 601);
      const { "actor-id": actor, "actor-type": type } = await whoami(context, site);
      assert.deepEqual([actor, type], ["ada", "user"]);

      const tab = await context.newPage();
      await tab.goto(`${stack.provider.issuer}/session/end`);
      const begun = performance.now();
      await tab.getByRole("button", { name: /^Yes/ }).click();
      const refused = await untilRefused(context, site);
      console.log(`openid: ${database}: refused ${Math.round(refused.at - begun)} ms after the click that signs out at the provider`);
      assert.equal(refused.code, "revoked");
      assert.equal((await cookieOf(context, "__Host-sg"))?.value ?? value, value, "nobody has changed it");
      await page.reload();
      await seesSignIn(page);
      // Who signs in again is asked by the provider again.
      await signInAtProvider(page, "ada");
      await seesOwnPage(page, "ada");
    });

    story("two tabs sign in side by side", async ({ page, context, site }) => {
      const tab = await context.newPage();
      for (const [each, query] of [[page, "?tab=1"], [tab, "?tab=2"]]) {
        await each.goto(`${site}/${query}`);
        await each.getByRole("link", { name: "Continue with Example Login" }).click();
        await each.getByPlaceholder("Enter any login").waitFor();
      }
      await enterAtProvider(page, "tabitha");
      await page.getByRole("button", { name: "Continue" }).click();
      await seesOwnPage(page, "tabitha");
      await enterAtProvider(tab, "tabitha");
      await seesOwnPage(tab, "tabitha");
      assert.deepEqual([page.url(), tab.url()], [`${site}/?tab=1`, `${site}/?tab=2`]);
      await page.reload();
      await seesOwnPage(page, "tabitha");
    });

    story("cancelling there is answered kindly here, and one may try again", async ({ page, site }) => {
      await page.goto(`${site}/?page=3`);
      await page.getByRole("link", { name: "Continue with Example Login" }).click();
      await page.getByRole("link", { name: "[ Cancel ]" }).click();
      await page.getByRole("heading", { level: 1, name: "You cancelled" }).waitFor();
      assert.equal(new URL(page.url()).origin, site);
      await page.getByRole("link", { name: "Try again" }).click();
      await seesSignIn(page);
      await signInAtProvider(page, "grace");
      await seesOwnPage(page, "grace");
      assert.equal(page.url(), `${site}/?page=3`);
    });

    story("whoever wants to stay signed in does", async ({ page, context, site }) => {
      await page.goto(`${site}/`);
      await signInAtProvider(page, "ada", { remember: true });
      await seesOwnPage(page, "ada");
      const day = 86_400;
      for (const name of ["__Host-sg", "__Host-sg_refresh"]) {
        assert.ok((await cookieOf(context, name)).expires > Date.now() / 1000 + day, name);
      }
    });

    story("a page that wants a recent sign-in has the provider ask again", async ({ page, context, site }) => {
      await page.goto(`${site}/`);
      await signInAtProvider(page, "ada");
      await seesOwnPage(page, "ada");
      const { session } = await whoami(context, site);
      // At the very moment at which it is too old for us, it is to be too old for the provider.
      await untilRefused(context, site, "/safe");
      await page.goto(`${site}/safe`);
      await page.getByRole("heading", { level: 1, name: "Sign in again" }).waitFor();
      await signInAtProvider(page, "ada", { known: true });
      await page.getByRole("heading", { level: 1, name: "The safe is open" }).waitFor();
      assert.notEqual((await whoami(context, site)).session, session, "another session");
      assert.equal(page.url(), `${site}/safe`);
    });

    story("as somebody else one does not open what the first one asked for", async ({ page, context, site }) => {
      await page.goto(`${site}/`);
      await signInAtProvider(page, "ada");
      await seesOwnPage(page, "ada");
      await page.goto(`${site}/auth/login?return_to=/safe&max_age=0`);
      await page.getByRole("link", { name: "Continue with Example Login" }).click();
      await enterAtProvider(page, "eve");
      // The provider asks for her consent in the name that is new to it.
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { level: 1, name: "That was somebody else" }).waitFor();
      // The provider has signed Ada out when somebody else signed in, and has told us.
      assert.equal((await untilRefused(context, site)).code, "revoked");
    });

    story("the provider's keys are changed, and nobody notices", async ({ page, visitor, stack, site }) => {
      await page.goto(`${site}/`);
      await signInAtProvider(page, "ada");
      await seesOwnPage(page, "ada");
      await stack.provider.rotateKeys();
      await page.reload();
      await seesOwnPage(page, "ada");
      const other = await visitor();
      await other.goto(`${site}/`);
      await signInAtProvider(other, "bob");
      await seesOwnPage(other, "bob");
    });

    story("the provider is down: an operator gets in by password", async ({ page, context, visitor, stack, site }) => {
      const other = await visitor();
      await other.goto(`${site}/`);
      await signInAtProvider(other, "ada");
      await seesOwnPage(other, "ada");
      assert.equal((await page.goto(`${site}/auth/break-glass`)).status(), 404, "there is none yet");
      stack.origin.command(["breakglass", "set", "--tenant", "demo", "ops"], `${PASSWORD}\n`);
      await stack.provider.stop();
      try {
        // Where it is is known here, and leads nowhere now.
        await assert.rejects(page.goto(`${site}/auth/oidc/example/login`), /ERR_CONNECTION_REFUSED/);
        await other.reload();
        await seesOwnPage(other, "ada"); // whoever is in stays in
        await page.goto(`${site}/?page=4`);
        await page.getByRole("link", { name: /password/ }).click();
        await enterPassword(page, "ops", "wrong, the first time");
        await page.getByRole("alert").waitFor();
        await enterPassword(page, "ops", PASSWORD);
        await seesOwnPage(page, "ops");
        assert.equal(page.url(), `${site}/?page=4`);
        assert.equal((await whoami(context, site))["actor-type"], "operator");
      } finally {
        await stack.provider.startAgain();
        stack.origin.command(["breakglass", "remove", "--tenant", "demo", "ops"]);
      }
      const later = await visitor();
      await later.goto(`${site}/`);
      await signInAtProvider(later, "ada");
      await seesOwnPage(later, "ada");
    });

    if (database === "sqlite") looks(story);
  });
}

/** The pages that one sees on the way. */
function looks(story) {
  const pages = [
    { name: "openid-sign-in", open: (page, site) => page.goto(`${site}/`).then(() => seesSignIn(page)) },
    { name: "openid-cancelled", open: openCancelled, schemes: ["light"] },
    { name: "openid-failed", open: openFailed },
    { name: "openid-break-glass", open: openBreakGlass },
  ];
  for (const { name, open, schemes = ["light", "dark"] } of pages) {
    for (const colorScheme of schemes) {
      story(`${name}, ${colorScheme}: usable by everybody`, { colorScheme }, async ({ page, context, stack, site }) => {
        await bringAxe(context);
        await open(page, site, stack);
        await usableByEverybody(page, name, colorScheme, [320, 1280]);
      });
    }
  }
}

async function openCancelled(page, site) {
  await page.goto(`${site}/`);
  await page.getByRole("link", { name: "Continue with Example Login" }).click();
  await page.getByRole("link", { name: "[ Cancel ]" }).click();
  await page.getByRole("heading", { level: 1, name: "You cancelled" }).waitFor();
}

async function openFailed(page, site) {
  await page.goto(`${site}/auth/oidc/callback?state=${"A".repeat(43)}&code=x`);
  await page.getByRole("heading", { level: 1, name: "That did not work" }).waitFor();
}

async function openBreakGlass(page, site, stack) {
  stack.origin.command(["breakglass", "set", "--tenant", "demo", "ops"], `${PASSWORD}\n`);
  await page.goto(`${site}/auth/break-glass`);
}

async function enterPassword(page, name, password) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What the application is told of who asks. */
async function whoami(context, site) {
  const answer = await context.request.get(`${site}/whoami`);
  assert.equal(answer.status(), 200, await answer.text());
  return answer.json();
}

/** Asks until the edge refuses: when that was, and why. */
async function untilRefused(context, site, path = "/whoami") {
  for (;;) {
    const answer = await context.request.get(`${site}${path}`, { headers: { accept: "application/json" } });
    if (answer.status() === 401) return { at: performance.now(), ...(await answer.json()) };
    assert.equal(answer.status(), 200);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
