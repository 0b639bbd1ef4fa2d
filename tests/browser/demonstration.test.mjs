// The page of `make dev`: its four cookies, and that it needs no script.
import assert from "node:assert/strict";

import { arrive, signOut } from "./kit/person.mjs";
import { story } from "./kit/story.mjs";

const cookies = [
  { button: "A good cookie", heading: "Let through", answer: "200" },
  { button: "A bent one", heading: "Refused at the edge", answer: "401 bad_mac" },
  { button: "An expired one", heading: "Refused at the edge", answer: "401 expired" },
  { button: "Another tenant's", heading: "Refused at the edge", answer: "401 wrong_tenant" },
];

for (const javaScriptEnabled of [true, false]) {
  const manner = javaScriptEnabled ? "with scripts" : "without scripts";
  story(`the four buttons show what the edge does, ${manner}`, { javaScriptEnabled }, async ({ page, site }) => {
    await arrive(page, site, "ada");
    for (const { button, heading, answer } of cookies) {
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("status").getByText(answer).waitFor();
      await page.getByRole("heading", { level: 3, name: heading }).waitFor();
      // With scripts the outcome is put into the page; without, a page comes that has it.
      assert.equal(new URL(page.url()).pathname.startsWith("/try/"), !javaScriptEnabled);
      const counted = await fact(page, "Requests the origin has seen");
      const [, before, after] = counted.match(/(\d+) → (\d+)/).map(Number);
      if (heading.startsWith("Refused")) {
        assert.equal(after, before, counted);
        assert.match(counted, /noticed nothing/);
      }
    }
    await signOut(page);
  });
}

story("the demonstration's counter is the origin's own", async ({ page, stack, site }) => {
  await arrive(page, site, "ada");
  await page.getByRole("button", { name: "A bent one" }).click();
  const counted = await fact(page, "Requests the origin has seen");
  const text = await (await stack.origin.ask("GET", "/metrics")).text();
  const sum = Array.from(text.matchAll(/^sealgate_http_requests_total\{.*\} (\d+)$/gm), (line) => Number(line[1]));
  const now = sum.reduce((all, count) => all + count);
  // Since then it was asked nothing, unless the edge has renewed its keys.
  assert.ok([0, 1].includes(now - Number(counted.match(/→ (\d+)/)[1])), `${counted}, ${now}`);
});

story("nobody comes in past the edge with headers of their own", async ({ page, stack, site }) => {
  const headers = { "x-sealgate-actor-id": "eve", "x-sealgate-actor-type": "user", "x-sealgate-tenant": "demo" };
  for (const assertion of [{}, { "x-sealgate-assertion": "" }, { "x-sealgate-assertion": "eyJhbGciOiJub25lIn0.e30." }]) {
    for (const [method, path] of [["GET", "/"], ["GET", "/whoami"], ["POST", "/try/good"]]) {
      const answer = await fetch(stack.sideDoor + path, { method, headers: { ...headers, ...assertion } });
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.ok(!(await answer.text()).includes("The edge says you are"));
    }
  }
  await page.setExtraHTTPHeaders({ ...headers, "x-sealgate-assertion": "forged" });
  await arrive(page, site, "ada");
  await page.getByText("checked", { exact: true }).waitFor();
});

/** What stands below that label in the outcome. */
function fact(page, label) {
  return page.getByRole("status").locator("div", { has: page.getByText(label, { exact: true }) }).last().innerText();
}
