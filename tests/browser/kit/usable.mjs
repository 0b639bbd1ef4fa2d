// Whether everybody can use a page: what axe can tell, and what it cannot: that one sees where the keyboard is. And its
// pictures, for people to look at: target/screenshots/.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

import { root } from "./stack.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Makes axe known to the pages of a context, which load nothing by themselves. */
export function bringAxe(context) {
  return context.addInitScript({ path: axe });
}

/** Looks at the page that is open, at each width; at a long one of many alike without going through all its controls. */
export async function usableByEverybody(page, name, colorScheme, widths, { long = false } = {}) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 844 });
    await page.mouse.move(0, 0); // over nothing that would show it
    await page.screenshot({ path: join(root, `target/screenshots/${name}-${width}-${colorScheme}.png`), fullPage: true });
    assert.deepEqual(await complaints(page), [], `${width} px`);
    assert.ok(await fits(page), `wider than ${width} px`);
    assert.deepEqual(await overlaps(page), [], `${width} px`);
    if (!long) await focusIsSeen(page);
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

/** Controls and words that lie on top of each other. */
function overlaps(page) {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), h1, h2, h3, p, label")];
    const boxes = all
      .filter((element) => element.checkVisibility() && !element.matches(":has(a, button, input)"))
      .map((element) => ({ text: element.textContent.trim().slice(0, 40), box: element.getBoundingClientRect() }));
    const meet = (a, b) => a.left + 1 < b.right && b.left + 1 < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom;
    return boxes.flatMap((one, i) =>
      boxes.slice(i + 1).filter((two) => meet(one.box, two.box)).map((two) => `${one.text} / ${two.text}`),
    );
  });
}

/** Goes through the page with the tabulator key: every control is reached, and looks different when it is. */
async function focusIsSeen(page) {
  const controls = page.locator("a[href], button, summary, input:not([type=hidden])");
  const names = await controls.evaluateAll((all) =>
    all.filter((control) => control.checkVisibility()).map((control, i) => (control.dataset.number = String(i))),
  );
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
