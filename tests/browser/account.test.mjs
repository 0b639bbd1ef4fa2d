// The page of one's devices: without scripts, by keyboard alone, and whatever the devices are called.
import assert from "node:assert/strict";

import { arrive, seesSignIn, signIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";
import { bringAxe, usableByEverybody } from "./kit/usable.mjs";

const widths = [320, 1280];
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604";

/** Names as people give them, and as nobody should. */
const labels = [
  "Kitchen laptop",
  null,
  "W".repeat(64),
  "a very long name of several words that goes on and on and on …",
  "\u202ekcab ot tnorf", // right to left by force, and never ended
  "خزانة الهاتف",
  "電話📱👩‍👩‍👧‍👦",
  "<b>bold</b> & \"quoted\"",
  "Z\u0310\u0343\u0311\u0346a\u0310\u0343\u0311\u0346l\u0310\u0343\u0311\u0346g\u0310\u0343\u0311\u0346o",
];

const pages = [
  { name: "account-alone", open: (page, site) => openAccount(page, site, person()) },
  { name: "account", open: openWithDevices },
  { name: "account-note", open: openWithNote },
  { name: "account-renaming", open: openRenaming },
  { name: "account-mistake", open: openMistake },
  { name: "account-100", open: openHundred, long: true },
];

for (const { name, open, long } of pages) {
  for (const colorScheme of ["light", "dark"]) {
    story(`${name}, ${colorScheme}: usable by everybody`, { colorScheme }, async ({ page, context, site, stack }) => {
      await bringAxe(context);
      await open(page, site, stack);
      await usableByEverybody(page, name, colorScheme, widths, { long });
    });
  }
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  story(`${how} scripts: devices are named and signed out`, { javaScriptEnabled }, async ({ page, visitor, site, stack }) => {
    const ada = person();
    await mint(stack, ada, { user_agent: FIREFOX });
    const elsewhere = await visitor();
    await arrive(elsewhere, site, ada);
    await openAccount(page, site, ada);
    await page.waitForURL(`${site}/auth/account`);

    await rename(page, "Firefox on Linux", "Kitchen laptop");
    await says(page, "the device has its new name");
    await page.getByRole("heading", { name: "Kitchen laptop" }).waitFor();
    await rename(page, "Kitchen laptop", "");
    await says(page, "its usual name again");

    await page.getByRole("button", { name: "Sign out Firefox on Linux" }).click();
    await says(page, "that device is signed out");
    assert.equal(await page.getByRole("heading", { name: "Firefox on Linux" }).count(), 0);
    // Going back and forth repeats nothing.
    await page.reload();
    await says(page, "that device is signed out");

    await page.getByRole("button", { name: "Sign out all others" }).click();
    await says(page, "nowhere but here");
    await page.getByText("You are signed in nowhere else.").waitFor();
    await elsewhere.goto(`${site}/auth/account`);
    await seesSignIn(elsewhere);

    await page.getByRole("button", { name: "Sign out here" }).click();
    await seesSignIn(page);
    await page.goto(`${site}/auth/account`);
    await seesSignIn(page);
  });

  story(`${how} scripts: a device that is gone meanwhile`, { javaScriptEnabled }, async ({ page, site, stack }) => {
    const ada = person();
    const phone = await mint(stack, ada, { user_agent: IPHONE });
    await openAccount(page, site, ada);
    assert.equal((await stack.origin.ask("DELETE", `/v1/sessions/${phone}`)).status, 200);
    await page.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
    await says(page, "signed out already");
    await page.getByText("You are signed in nowhere else.").waitFor();
  });
}

story("by keyboard alone", async ({ page, site, stack }) => {
  const ada = person();
  await mint(stack, ada, { user_agent: FIREFOX });
  await openAccount(page, site, ada);
  await tabTo(page, "Rename Firefox on Linux");
  await page.keyboard.press("Enter");
  await tabTo(page, "Your name for it");
  await page.keyboard.type("desk");
  await page.keyboard.press("Enter");
  await says(page, "the device has its new name");
  // Whoever hears the page starts with what has come of it.
  assert.match(await page.evaluate(() => document.activeElement.textContent), /new name/);
  assert.match(await page.title(), /^Saved: .* · Your devices · demo$/);
  await tabTo(page, "Sign out desk");
  await page.keyboard.press("Space");
  await says(page, "that device is signed out");
  await tabTo(page, "Sign out here");
  await page.keyboard.press("Enter");
  await seesSignIn(page);
});

story("a name keeps to itself, whichever way it runs", async ({ page, site, stack }) => {
  const ada = person();
  await mint(stack, ada, { label: "\u202ekcab ot tnorf", user_agent: FIREFOX });
  await openAccount(page, site, ada);
  // What follows the name still runs from left to right: its words stand in their order.
  const words = await page.locator(".device:not(.here) .seen span").evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().x));
  assert.ok(words[0] < words[1], `${words}`);
  const direction = await page.locator("li.device h3").evaluate((heading) => getComputedStyle(heading).direction);
  assert.equal(direction, "ltr");
});

story("who is not signed in comes back to the page", async ({ page, site }) => {
  await page.goto(`${site}/auth/account`);
  await signIn(page, "ada");
  await page.waitForURL(`${site}/auth/account`);
  await page.getByRole("heading", { level: 1, name: "Your devices" }).waitFor();
});

story("the way there and back", async ({ page, site }) => {
  await arrive(page, site, person());
  await page.goto(`${site}/auth/account`);
  await page.getByRole("link", { name: "Back to the site" }).click();
  await page.waitForURL(`${site}/`);
});

let people = 0;

/** Somebody whom no other story knows. */
function person() {
  people += 1;
  return `ada-${people}`;
}

async function mint(stack, actor_id, fields) {
  const answer = await stack.origin.ask("POST", "/v1/sessions", { tenant: "demo", actor_type: "user", actor_id, ...fields });
  assert.equal(answer.status, 201);
  return (await answer.json()).session.id;
}

async function openAccount(page, site, name) {
  await arrive(page, site, name);
  await page.goto(`${site}/auth/account`);
  await page.getByRole("heading", { level: 1, name: "Your devices" }).waitFor();
}

async function openWithDevices(page, site, stack) {
  const ada = person();
  for (const [number, label] of labels.entries()) {
    const user_agent = [FIREFOX, IPHONE, null][number % 3];
    await mint(stack, ada, { label, user_agent, channel: number % 4 === 3 ? "bearer" : "cookie" });
  }
  await openAccount(page, site, ada);
}

async function openWithNote(page, site, stack) {
  const ada = person();
  await mint(stack, ada, { user_agent: IPHONE });
  await openAccount(page, site, ada);
  await page.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
  await says(page, "that device is signed out");
}

async function openRenaming(page, site, stack) {
  await openWithDevices(page, site, stack);
  for (const summary of await page.locator("summary").all()) await summary.click();
}

async function openMistake(page, site, stack) {
  const ada = person();
  await mint(stack, ada, { user_agent: FIREFOX });
  await openAccount(page, site, ada);
  // Past the browser's own check of the field.
  await page.locator("input[name=label]").evaluateAll((inputs) => inputs.forEach((input) => input.removeAttribute("maxlength")));
  await rename(page, "Firefox on Linux", "x".repeat(65));
  await page.getByRole("alert").waitFor();
}

async function openHundred(page, site, stack) {
  const ada = person();
  for (let number = 0; number < 98; number++) await mint(stack, ada, { label: `Device ${number}`, user_agent: FIREFOX });
  await openAccount(page, site, ada);
}

async function rename(page, device, name) {
  const form = page.locator("details", { has: page.locator("summary", { hasText: device }) });
  await form.locator("summary").click();
  await form.getByLabel("Your name for it").fill(name);
  await form.getByRole("button", { name: `Save the name of ${device}` }).click();
}

async function says(page, words) {
  await page.getByRole("status").filter({ hasText: words }).waitFor();
}

/** Presses the tabulator key until the control of that name has the focus. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 50; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      return (activeElement.labels?.[0] ?? activeElement).textContent.replace(/\s+/g, " ").trim();
    });
    if (focused === name) return;
  }
  assert.fail(`nobody gets to ${name} with the tabulator key`);
}
