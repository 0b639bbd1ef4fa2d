// What pages of other sites can do with somebody's session: nothing. Four of them, by how near they are to
// http://app.localhost:<port>. A site is a scheme and a registrable domain, so a port or a name below is the same site
// to a browser, and its cookies go along; what protects us there is where the request says it comes from.
import assert from "node:assert/strict";

import { arrive, cookieOf, seesOwnPage, seesSignIn } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

const HOME = "app.localhost";
const neighbours = [
  { name: "another site", host: "127.0.0.1", sameSite: false },
  { name: "a site of a similar name", host: "other.localhost", sameSite: false },
  { name: "a sibling below our name", host: "evil.app.localhost", sameSite: true },
  { name: "another port of our host", host: "app.localhost", sameSite: true },
];

for (const { name, host } of neighbours) {
  story(`${name} cannot sign anybody in`, async ({ page, context, stack }) => {
    await page.goto(stack.elsewhere.at(host));
    const answer = await post(page, `${stack.site(HOME)}/auth/login`, { name: "mallory", return_to: "/" });
    assert.equal(answer.status(), 403);
    assert.equal((await answer.json()).code, "cross_site");
    assert.equal(await cookieOf(context, "__Host-sg"), undefined);
    await page.goto(`${stack.site(HOME)}/`);
    await seesSignIn(page);
  });

  story(`${name} cannot sign anybody out`, async ({ page, stack }) => {
    await arrive(page, stack.site(HOME), "ada");
    await page.goto(stack.elsewhere.at(host));
    const answer = await post(page, `${stack.site(HOME)}/auth/logout`, {});
    assert.equal(answer.status(), 403);
    assert.equal((await answer.json()).code, "cross_site");
    await page.goto(`${stack.site(HOME)}/`);
    await seesOwnPage(page, "ada");
  });

  story(`${name} cannot read with a script`, async ({ page, stack }) => {
    await arrive(page, stack.site(HOME), "ada");
    await page.goto(stack.elsewhere.at(host));
    for (const path of ["/whoami", "/auth/session", "/"]) {
      const read = await page.evaluate(
        (url) => fetch(url, { credentials: "include" }).then((answer) => answer.text(), (error) => error.name),
        `${stack.site(HOME)}${path}`,
      );
      assert.equal(read, "TypeError", path);
      const opaque = await page.evaluate(
        (url) =>
          fetch(url, { credentials: "include", mode: "no-cors" }).then(
            async (answer) => [answer.type, answer.status, await answer.text()],
            (error) => error.name,
          ),
        `${stack.site(HOME)}${path}`,
      );
      assert.deepEqual(opaque, ["opaque", 0, ""], path);
    }
    // A method that is not plain asks first, and is not let through.
    const reached = stack.reached("DELETE", "/");
    const asked = await page.evaluate(
      (url) => fetch(url, { credentials: "include", method: "DELETE" }).then(() => "done", (error) => error.name),
      `${stack.site(HOME)}/`,
    );
    assert.equal(asked, "TypeError");
    assert.equal(stack.reached("DELETE", "/"), reached);
  });

  story(`${name} can show no page in a frame`, async ({ page, stack }) => {
    await arrive(page, stack.site(HOME), "ada");
    await page.goto(stack.elsewhere.at(host));
    for (const path of ["/", "/public", "/auth/login"]) {
      const text = await frameText(page, `${stack.site(HOME)}${path}`);
      assert.doesNotMatch(text, /ada|Sign in|Anybody/, path);
    }
  });
}

for (const { name, host, sameSite } of neighbours) {
  story(`${name} cannot post to the application`, async ({ page, stack }) => {
    await arrive(page, stack.site(HOME), "ada");
    await page.goto(stack.elsewhere.at(host));
    const reached = stack.reached("POST", "/try/bent");
    const answer = await post(page, `${stack.site(HOME)}/try/bent`, {});
    // From another site no cookie comes along; from a neighbour it does.
    const { code } = await answer.json();
    assert.deepEqual([answer.status(), code], sameSite ? [403, "cross_site"] : [401, "missing"]);
    assert.equal(stack.reached("POST", "/try/bent"), reached);

    // The site's own page can.
    await page.goto(`${stack.site(HOME)}/`);
    await page.getByRole("button", { name: "A bent one" }).click();
    await page.getByRole("status").getByRole("heading").waitFor();
    assert.equal(stack.reached("POST", "/try/bent"), reached + 1);
  });
}

for (const { name, host } of neighbours.filter(({ sameSite }) => !sameSite)) {
  story(`${name} makes no request that is recognised, but by a link`, async ({ page, stack }) => {
    await arrive(page, stack.site(HOME), "ada");
    await page.goto(stack.elsewhere.at(host));
    const reached = stack.reached("GET", "/whoami");
    await page.evaluate(async (url) => {
      await fetch(url, { credentials: "include", mode: "no-cors" });
      await fetch(url, { credentials: "include" }).catch(() => {});
      const image = new Image();
      image.src = url;
      await image.decode().catch(() => {});
    }, `${stack.site(HOME)}/whoami`);
    assert.equal(stack.reached("GET", "/whoami"), reached);

    // Who follows a link from another site is not to be asked to sign in again.
    await follow(page, `${stack.site(HOME)}/whoami`);
    await page.waitForURL("**/whoami");
    assert.match(await page.content(), /"actor-id":"ada"/);
    assert.equal(stack.reached("GET", "/whoami"), reached + 1);
  });
}

/** Sends a form from the page that is open, and answers what came back. */
async function post(page, action, fields) {
  const answer = page.waitForResponse((response) => response.url() === action);
  await page.evaluate(
    ({ action, fields }) => {
      const form = document.body.appendChild(Object.assign(document.createElement("form"), { method: "post", action }));
      for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      form.submit();
    },
    { action, fields },
  );
  await page.waitForURL(action);
  return answer;
}

/** What is to be read in a frame that shows the address. */
async function frameText(page, url) {
  await page.evaluate(
    (src) =>
      new Promise((loaded) => {
        document.querySelector("iframe")?.remove();
        const frame = Object.assign(document.createElement("iframe"), { src, onload: loaded });
        document.body.append(frame);
      }),
    url,
  );
  const frame = page.frames().find((frame) => frame !== page.mainFrame());
  return frame.evaluate(() => document.documentElement.innerText);
}

async function follow(page, href) {
  await page.evaluate((href) => document.body.append(Object.assign(document.createElement("a"), { href, text: "on" })), href);
  await page.getByRole("link", { name: "on" }).click();
}
