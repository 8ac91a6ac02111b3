// An account and an MCP server from beginning to end.

import assert from "node:assert/strict";
import { play, tell } from "./browser.mjs";

const HOSTILE = `<img src=x onerror="globalThis.ran = true">`;

await play(async (tab) => {
  await enter(tab);
  await connect(tab, tab.given);
  await look(tab);
  await serve(tab);
  await turn(tab);
  await leave(tab);
});

async function enter(tab) {
  await tab.open();
  await tab.signIn("dh_wrong");
  const told = await tab.page.getByRole("alert").innerText();
  assert.equal(told, "Send an API token that reaches this as Authorization: Bearer dh_…; deskhand token create makes one");
  assert.deepEqual((await tab.kept()).session, {}, "a refused token is not kept");
  await tab.signIn();
  await tab.heading("Accounts");
  await tab.text("There are none. Connect an account to begin.");
  const kept = await tab.kept();
  assert.deepEqual([Object.values(kept.session), kept.local, kept.cookie], [[tab.given.token], {}, ""]);
}

/** Connects an account whose name is a trap; one field is wrong at first. */
async function connect(tab, { api_key, base_url }) {
  await tab.follow("Connect an account");
  await tab.heading("Connect an account");
  await tab.field("Helpdesk").selectOption({ label: "Desk365" });
  await tab.field("Subdomain").waitFor();
  await tab.field("Name").fill(HOSTILE);
  assert.equal(await tab.field("API key").getAttribute("type"), "password");
  await tab.field("API key").fill("wrong-key");
  await tab.field("Subdomain").fill("no subdomain");
  await tab.page.getByText("More", { exact: true }).click();
  await tab.page.getByLabel("Another address (optional)").fill(base_url);
  await tab.press("Connect");
  assert.match(await tab.fault("Subdomain"), /letters/);
  assert.equal(await tab.field("Subdomain").evaluate((field) => field === document.activeElement), true);
  assert.equal(await tab.field("API key").getAttribute("aria-invalid"), "false");

  await tab.field("Subdomain").fill("acme");
  await tab.press("Connect");
  await tab.heading(HOSTILE);
  await tab.press("Test");
  await tab.text("The API key is missing, wrong or revoked.");
  await tab.press("Replace credentials");
  await tab.dialog().getByLabel("API key").fill(api_key);
  await tab.press("Replace");
  await tab.text("Saved. Test it");
  await tab.press("Test");
  await tab.text("Desk365 accepts the credentials.");
  const values = await tab.page.locator("input").evaluateAll((inputs) => inputs.map((input) => input.value));
  assert.ok(!values.includes(api_key) && !(await tab.page.content()).includes(api_key), "a credential is not shown again");
  await tell("connected", { name: HOSTILE });
}

/** The trap is text wherever it is shown, and the account can be given another name. */
async function look(tab) {
  await tab.follow("Accounts");
  await tab.heading("Accounts");
  assert.equal(await tab.rows().locator("th").innerText(), HOSTILE);
  await tab.follow("Log");
  await tab.heading("Log");
  await tab.follow("API tokens");
  await tab.heading("API tokens");
  await tab.follow("Accounts");
  await tab.follow(HOSTILE);
  await tab.press("Delete");
  await tab.dialog().getByRole("heading", { name: `Delete ${HOSTILE}?` }).waitFor();
  await tab.press("Cancel");
  assert.equal(await tab.page.locator("main img, dialog img").count(), 0);
  assert.equal(await tab.page.evaluate(() => globalThis.ran), undefined);

  await tab.press("Edit");
  await tab.dialog().getByLabel("Name").fill(" ");
  await tab.press("Save");
  assert.match(await tab.fault("Name"), /1 to 200 characters/);
  await tab.dialog().getByLabel("Name").fill("Acme");
  await tab.dialog().getByLabel("Tenant (optional)").fill("t-1");
  await tab.press("Save");
  await tab.heading("Acme");
  await tab.press("Read them from Desk365");
  await tab.page.getByRole("table", { name: "Custom fields" }).locator("tbody tr").first().waitFor();
  await tell("renamed");
}

/** An MCP server is made and used. */
async function serve(tab) {
  await tab.follow("Create an MCP server");
  await tab.heading("Create an MCP server");
  await tab.field("Name").fill("Readers");
  await tab.field("read").check();
  await tab.field("tickets").check();
  await tab.page.getByText("More", { exact: true }).click();
  const pinned = tab.page.getByLabel("Fixed arguments (optional)");
  await pinned.fill("{");
  await tab.press("Create");
  await tab.text("Is no JSON: ");
  await pinned.fill(`{"limt": 30}`);
  await tab.press("Create");
  await tab.text("no tool chosen here has such an argument");
  await pinned.fill("");
  await tab.press("Create");
  await tab.dialog().getByRole("heading", { name: "Readers is ready" }).waitFor();
  const [url, token] = [await tab.shown("Address"), await tab.shown("Token")];
  await tab.press("Copy Address");
  await tab.dialog().getByText("Copied.").waitFor();
  assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), url);
  const [, count] = (await tab.dialog().innerText()).match(/(\d+) tools, 0 of them destructive/);
  await tab.press("Done");
  await tab.heading("Readers");
  assert.ok(!(await tab.page.content()).includes(token), "it is shown once");
  await tell("served", { url, token, count: Number(count) });

  await tab.follow("its tools");
  await tab.heading("Tools");
  assert.equal(await tab.rows().count(), Number(count));
  assert.equal(await tab.rows().getByText("read", { exact: true }).count(), Number(count), "each has its effect");
  await tab.field("Methods").fill("lst");
  await tab.press("Filter");
  assert.match(await tab.fault("Methods"), /did you mean list\?/);
  // A call is in the log a moment after it has ended.
  do {
    await tab.goTo("#/accounts", "Accounts");
    await tab.goTo("#/log?code=ok", "Log");
  } while ((await tab.rows().count()) === 0);
  const call = tab.rows().filter({ hasText: "list_all_desk_365_tickets" });
  assert.match(await call.innerText(), /Acme\s+ok 200\s+\d+ ms/);
  await tab.goTo("#/log?code=error", "Log");
  await tab.text("No calls, or none that the filter lets through.");
}

/** The MCP server is changed, given another address, and deleted. */
async function turn(tab) {
  await tab.goTo("#/accounts", "Accounts");
  await tab.follow("Acme");
  await tab.follow("Readers");
  await tab.heading("Readers");
  await tab.press("Edit");
  await tab.dialog().getByLabel("write", { exact: true }).check();
  await tab.press("Save");
  await tab.text("Saved. Clients that listen");
  await tab.text("read, write");
  await tab.press("New address");
  await tab.dialog().getByLabel("The address before works for").selectOption({ label: "no longer" });
  await tab.press("Make a new address");
  await tab.dialog().getByRole("heading", { name: "The new address" }).waitFor();
  const turned = await tab.shown("Address");
  await tab.press("Done");
  await tell("rotated", { url: turned });

  await tab.press("Delete");
  await tab.press("Cancel");
  await tell("kept");
  await edit(tab, async (dialog) => {
    await dialog.getByLabel("How clients see the tools").selectOption({ label: "three tools by which the others are found" });
    await dialog.getByLabel("Ends at (optional)").fill("2099-01-31T09:30");
    await dialog.getByLabel("Callers must also present an API token of the account").check();
    await dialog.getByLabel("Fixed arguments (optional)").fill(`{"limit": 30}`);
  });
  await tell("narrowed", { ends: new Date("2099-01-31T09:30").getTime() });
  await edit(tab, async (dialog) => {
    await dialog.getByLabel("Ends at (optional)").fill("");
    await dialog.getByLabel("read", { exact: true }).uncheck();
    await dialog.getByLabel("write", { exact: true }).uncheck();
  });
  await tell("widened");
  await tab.press("Delete");
  await tab.press("Delete the MCP server");
  await tab.text("Readers is deleted.");
  await tab.text("There are none. An MCP server is what AI clients connect to.");
  await tell("deleted");
}

async function edit(tab, change) {
  await tab.press("Edit");
  await tab.dialog().getByText("More", { exact: true }).click();
  await change(tab.dialog());
  await tab.press("Save");
  await tab.dialog().waitFor({ state: "detached" });
}

/** A token is made and revoked, the account deleted, and the session ended. */
async function leave(tab) {
  await tab.goTo("#/tokens", "API tokens");
  await tab.press("Create an API token");
  await tab.dialog().getByLabel("Name").fill("Short");
  await tab.dialog().getByLabel("Only account (optional)").fill("acc_none");
  await tab.press("Create");
  await tab.dialog().getByText("there is no such account", { exact: false }).waitFor();
  await tab.dialog().getByLabel("Only account (optional)").fill("");
  await tab.press("Create");
  await tab.dialog().getByRole("heading", { name: "Short is ready" }).waitFor();
  const token = await tab.shown("Token");
  await tab.press("Done");
  await tell("token made", { token });
  await tab.rows().filter({ hasText: "Short" }).getByRole("button", { name: "Revoke" }).click();
  await tab.press("Revoke the token");
  await tab.text("Short is revoked.");
  await tell("token revoked");

  await tab.goTo("#/accounts", "Accounts");
  await tab.follow("Acme");
  await tab.press("Delete");
  await tab.press("Delete the account");
  await tab.text("Acme is deleted.");
  await tab.text("There are none. Connect an account to begin.");
  await tab.press("Sign out");
  await tab.heading("Sign in");
  assert.deepEqual(await tab.kept(), { session: {}, local: {}, cookie: "" });
  await tab.page.reload();
  await tab.heading("Sign in");
  tab.assertClean([
    "401 GET /integrated-account",
    "400 POST /integrated-account",
    "400 PATCH /integrated-account/acc",
    "400 POST /integrated-account/acc/mcp",
    "400 GET /integrated-account/acc/tools",
    "400 POST /api-token",
  ]);
}
