// A story is a test with a page to itself: its browser context is new and nobody else's. The stack and the browser are
// started once for all stories of a process.
import { after, before, test } from "node:test";

import { launch } from "./chromium.mjs";
import { startStack } from "./stack.mjs";

// For a busy machine. Nothing waits this long but what never comes.
const PATIENCE_MS = 20_000;

/** The stories of a stack and a browser of their own, which are started before the first of them. */
export function storiesOn(options) {
  let stack, browser;
  before(async () => {
    [stack, browser] = await Promise.all([startStack(options), launch()]);
  });
  after(() => Promise.all([browser?.close(), stack?.stop()]));
  return (name, options, tell = options) => tellStory(name, tell === options ? {} : options, tell, () => ({ stack, browser }));
}

/**
 * Tells a story. It is given a `page`, its `context`, the `stack`, and `visitor`, which opens a page in another context.
 * `options` are those of the context.
 */
export const story = storiesOn();

function tellStory(name, contextOptions, tell, running) {
  test(name, { timeout: 4 * PATIENCE_MS }, async () => {
    const { stack, browser } = running();
    const contexts = [];
    const visitor = async (more = {}) => {
      const context = await browser.newContext({ ...contextOptions, ...more });
      contexts.push(context);
      context.setDefaultTimeout(PATIENCE_MS);
      return context.newPage();
    };
    try {
      const page = await visitor();
      await tell({ page, context: page.context(), stack, visitor, site: stack.site() });
    } finally {
      await Promise.all(contexts.map((context) => context.close()));
    }
  });
}
