// An account whose owner connects it by a link.

import assert from "node:assert/strict";
import { play, tell } from "./browser.mjs";

await play(async (tab) => {
  const { page, given } = await opened(tab);
  await tab.follow("Connect an account");
  await tab.heading("Connect an account");
  await tab.field("Helpdesk").selectOption({ label: "Gorgias" });
  await tab.field("A link that its owner opens").check();
  assert.equal(await tab.page.getByLabel("Access token").count(), 1, "the way of that name, and no field");
  await tab.field("Name").fill("Acme");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Another address (optional)").fill(given.base_url);
  await tab.press("Connect");
  await tab.dialog().getByRole("heading", { name: "The link" }).waitFor();
  const url = await tab.shown("Link");
  await tab.press("Done");
  await tab.heading("Connect links");
  assert.match(await tab.rows().innerText(), /^Acme\s+gorgias\s+open\s/);
  await tell("link", { url });

  await tab.goTo("#/accounts", "Accounts");
  await tab.follow("Acme");
  await tab.heading("Acme");
  await tab.text("oauth2");
  await tab.press("Connect anew by a link");
  await tab.dialog().getByRole("heading", { name: "The link" }).waitFor();
  await tell("another link", { url: await tab.shown("Link") });
  await tab.press("Done");
  await tab.press("Test");
  await tab.text("Gorgias accepts the credentials.");
  await tab.goTo("#/links", "Connect links");
  const used = tab.rows().filter({ hasText: "used" });
  await used.first().waitFor();
  const there = await tab.rows().count();
  await used.first().getByRole("button", { name: "Take back" }).click();
  await tab.press("Take it back");
  await tab.text("The link is taken back.");
  assert.equal(await tab.rows().count(), there - 1);
  tab.assertClean([]);
});

async function opened(tab) {
  await tab.open();
  await tab.signIn();
  await tab.heading("Accounts");
  return tab;
}
