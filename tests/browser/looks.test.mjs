// Whether everybody can use the pages, in light and in dark.
import { arrive, seesSignIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";
import { bringAxe, usableByEverybody } from "./kit/usable.mjs";

const pages = [
  { name: "sign-in", open: (page, site) => page.goto(`${site}/`).then(() => seesSignIn(page)) },
  { name: "sign-in-mistake", open: openMistake },
  { name: "sign-in-again", open: openAgain },
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
      await bringAxe(context);
      await open(page, site);
      await usableByEverybody(page, name, colorScheme, widths);
    });
  }
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

async function openAgain(page, site) {
  await arrive(page, site, "ada");
  await page.goto(`${site}/auth/login?return_to=/&max_age=0`);
  await page.getByRole("heading", { level: 1, name: "Sign in again" }).waitFor();
}
