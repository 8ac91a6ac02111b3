// A token that reaches one account sees that one, and what is made of it; lists come in pages.

import assert from "node:assert/strict";
import { play } from "./browser.mjs";

await play(async (tab) => {
  await tab.open();
  await tab.signIn(tab.given.narrow);
  await tab.heading("Accounts");
  assert.deepEqual(await tab.rows().locator("th").allInnerTexts(), ["Own"]);
  const pages = () => tab.page.getByRole("navigation").getByRole("link").allInnerTexts();
  assert.deepEqual(await pages(), ["Accounts", "Helpdesks", "Log"]);
  assert.equal(await tab.page.getByRole("link", { name: "Connect an account" }).count(), 0);
  for (const hash of ["#/tokens", "#/links", "#/accounts/new"]) {
    await tab.goTo(hash, "This did not work");
    await tab.text("This is for tokens that reach all accounts. Yours reaches one.");
  }
  await tab.goTo("#/nothing", "This did not work");
  await tab.text("There is no such page.");
  await tab.goTo("#/accounts", "Accounts");
  await tab.follow("Own");
  await tab.follow("Create an MCP server");
  await tab.field("Name").fill("Mine");
  await tab.press("Create");
  await tab.dialog().getByRole("heading", { name: "Mine is ready" }).waitFor();
  await tab.press("Done");
  await tab.heading("Mine");
  await tab.page.reload();
  await tab.heading("Mine");

  // What it does not reach is refused as an unknown token is, which ends the session.
  await tab.goTo(`#/accounts/${tab.given.other}`, "Sign in");
  await tab.text("Send an API token that reaches this");
  assert.deepEqual((await tab.kept()).session, {});
  await tab.signIn();
  await tab.heading("Other");
  await tab.goTo("#/accounts", "Accounts");
  assert.equal(await tab.rows().count(), 50);
  await tab.press("More");
  await tab.text("2 more.");
  assert.equal(await tab.rows().count(), 52);
  assert.equal(await tab.page.getByRole("button", { name: "More" }).count(), 0);
  assert.deepEqual(await pages(), ["Accounts", "Helpdesks", "Log", "Connect links", "API tokens"]);
  // Asked when signing in and when the page is loaded anew, to know what the token reaches.
  tab.assertClean(["401 GET /api-token", "401 GET /api-token", "401 GET /integrated-account/acc"]);
});
