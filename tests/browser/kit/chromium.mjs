// Chromium, without a window and without business of its own.
import { chromium } from "playwright-core";

import { makeFolder } from "../../kit-js/leash.mjs";

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
  const folder = makeFolder("sealgate-profile-");
  return { ...folder, open: () => chromium.launchPersistentContext(folder.path, options) };
}
