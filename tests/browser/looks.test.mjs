// Whether everybody can use the pages: what axe can tell, and what it cannot: that one sees where the keyboard is. And
// their pictures, for people to look at: target/screenshots/.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

import { arrive, seesSignIn } from "./kit/person.mjs";
import { root } from "./kit/stack.mjs";
import { story } from "./kit/story.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const pages = [
  { name: "sign-in", open: (page, site) => page.goto(`${site}/`).then(() => seesSignIn(page)) },
  { name: "sign-in-mistake", open: openMistake },
  { name: "public", open: (page, site) => page.goto(`${site}/public`) },
  { name: "demo", open: (page, site) => arrive(page, site, "ada") },
  { name: "demo-long-name", open: (page, site) => arrive(page, site, "Wolfeschlegelsteinhausenbergerdorff".padEnd(128, "W")) },
  { name: "no-such-page", open: openNoSuchPage },
  { name: "demo-good", open: (page, site) => openOutcome(page, site, "A good cookie") },
  { name: "demo-bent", open: (page, site) => openOutcome(page, site, "A bent one") },
];
const widths = [390, 1280];

for (const { name, open } of pages) {
  for (const colorScheme of ["light", "dark"]) {
    story(`${name}, ${colorScheme}: usable by everybody`, { colorScheme }, async ({ page, context, site }) => {
      await context.addInitScript({ path: axe });
      await open(page, site);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 844 });
        await page.mouse.move(0, 0); // over nothing that would show it
        await page.screenshot({ path: join(root, `target/screenshots/${name}-${width}-${colorScheme}.png`), fullPage: true });
        assert.deepEqual(await complaints(page), [], `${width} px`);
        assert.ok(await fits(page), `wider than ${width} px`);
        await focusIsSeen(page);
      }
    });
  }
}

/** What axe finds wrong, best practices (headings in order, landmarks) among it. */
async function complaints(page) {
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

/** Nobody has to scroll sideways. */
function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

/** Goes through the page with the tabulator key: every control is reached, and looks different when it is. */
async function focusIsSeen(page) {
  const controls = page.locator("a[href], button, summary, input:not([type=hidden])");
  const names = await controls.evaluateAll((all) => all.map((control, i) => (control.dataset.number = String(i))));
  const reached = new Set();
  await page.evaluate(() => document.activeElement?.blur());
  for (let presses = 0; presses < 2 * names.length; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return { number: document.activeElement.dataset.number, seen: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    if (focused.number === undefined) continue; // the browser's own controls
    assert.ok(focused.seen, `control ${focused.number}`);
    reached.add(focused.number);
  }
  assert.deepEqual([...reached].sort(), names.sort());
}

async function openMistake(page, site) {
  await page.goto(`${site}/`);
  await page.locator("form").evaluate((form) => (form.noValidate = true));
  await page.getByLabel("Name").fill("ada lovelace");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
}

async function openNoSuchPage(page, site) {
  await arrive(page, site, "ada");
  await page.goto(`${site}/no/such/page`);
}

async function openOutcome(page, site, button) {
  await arrive(page, site, "ada");
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("status").getByRole("heading").waitFor();
}
