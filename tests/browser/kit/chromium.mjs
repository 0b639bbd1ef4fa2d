// Chromium, without a window and without business of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const options = {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox", // it refuses to run as root with one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
  // Playwright turns off what people's browsers have on: pages are kept whole for the back button.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
};

/** A browser with a folder of its own, which goes with it. */
export function launch() {
  return chromium.launch(options);
}

/** A folder in which a browser keeps what it keeps when it is closed; `open` opens one on it. */
export function keepProfile() {
  const folder = mkdtempSync(join(tmpdir(), "sealgate-profile-"));
  return {
    open: () => chromium.launchPersistentContext(folder, options),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
