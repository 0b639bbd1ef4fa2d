// What a person does, and sees.

/** Fills in the form of the sign-in page that is open, and sends it. */
export async function signIn(page, name, { remember = false } = {}) {
  await page.getByLabel("Name").fill(name);
  if (remember) await page.locator("form").getByLabel("Stay signed in").check();
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Goes from the sign-in page that is open to the provider, and signs in there; the first time it asks for consent. */
export async function signInAtProvider(page, name, { remember = false, known = false } = {}) {
  if (remember) await page.locator(".providers").getByLabel("Stay signed in").check();
  await page.getByRole("link", { name: "Continue with Example Login" }).click();
  await enterAtProvider(page, name);
  if (!known) await page.getByRole("button", { name: "Continue" }).click();
}

/** Fills in the provider's form. */
export async function enterAtProvider(page, name) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
}

/** Opens the site's front page, which asks for a sign-in, signs in and is recognised. */
export async function arrive(page, site, name, options) {
  await page.goto(`${site}/`);
  await signIn(page, name, options);
  await seesOwnPage(page, name);
}

export async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await seesSignIn(page);
}

/** Signs another device out, on the page of one's devices, where it has this name. */
export async function signOutDevice(page, site, name) {
  await page.goto(`${site}/auth/account`);
  await page.getByRole("button", { name: `Sign out ${name}` }).click();
  await page.getByRole("status").waitFor();
}

/** The demonstration page says whom it recognised. */
export function seesOwnPage(page, name) {
  return page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

export function seesSignIn(page) {
  return page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
}

/** The cookie of that name as the browser holds it. */
export async function cookieOf(context, name) {
  return (await context.cookies()).find((cookie) => cookie.name === name);
}
