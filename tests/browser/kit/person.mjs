// What a person does, and sees.

/** Fills in the sign-in page that is open, and sends it. */
export async function signIn(page, name, { remember = false } = {}) {
  await page.getByLabel("Name").fill(name);
  if (remember) await page.getByLabel("Stay signed in").check();
  await page.getByRole("button", { name: "Sign in" }).click();
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
