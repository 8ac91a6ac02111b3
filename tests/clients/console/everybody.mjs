// Every page and dialog, judged by axe: names, roles, contrast. In light and dark, wide and narrow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { play } from "./browser.mjs";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { colorScheme: "light", viewport: { width: 360, height: 740 } },
];

await play(async (tab) => {
  for (const look of LOOKS) await judgeAll(tab, look);
  tab.assertClean([]);
});

async function judgeAll(tab, look) {
  await tab.open({ ...look, reducedMotion: "reduce" });
  await judge(tab, look);
  await tab.signIn();
  await tab.heading("Accounts");
  const account = await tab.page.getByRole("link", { name: "Acme", exact: true }).getAttribute("href");
  const server = `${account}/mcp/${tab.given.server}`;
  for (const [hash, heading] of [
    ["#/accounts", "Accounts"],
    ["#/accounts/new?integration=gorgias", "Connect an account"],
    [account, "Acme"],
    [`${account}/tools`, "Tools"],
    [`${account}/mcp/new`, "Create an MCP server"],
    [server, "Readers"],
    ["#/helpdesks", "Helpdesks"],
    ["#/helpdesks/desk365", "Desk365"],
    ["#/log", "Log"],
    ["#/links", "Connect links"],
    ["#/tokens", "API tokens"],
    ["#/nothing", "This did not work"],
  ]) {
    await tab.goTo(hash, heading);
    const focused = await tab.page.evaluate(() => document.activeElement.textContent);
    assert.equal(focused, heading, "a keyboard goes on where the page starts");
    assert.equal(await tab.page.title(), `${heading} · Deskhand`);
    await judge(tab, look);
  }
  for (const [hash, heading, button, submit] of [
    [account, "Acme", "Edit", "Save"],
    [account, "Acme", "Replace credentials", "Replace"],
    [account, "Acme", "Delete", undefined],
    [server, "Readers", "Edit", undefined],
    [server, "Readers", "New address", "Make a new address"],
    ["#/tokens", "API tokens", "Create an API token", undefined],
  ]) {
    await tab.goTo(hash, heading);
    await tab.press(button);
    await tab.dialog().waitFor();
    await judge(tab, look);
    if (submit) {
      await tab.press(submit);
      await tab.page.getByText(/Saved\.|Nothing was filled in\.|The address before works until/).first().waitFor();
      await judge(tab, look);
    }
    await tab.page.keyboard.press("Escape");
    await tab.dialog().waitFor({ state: "detached" });
    const left = await tab.page.evaluate(() => document.activeElement.textContent);
    assert.ok([button, heading].includes(left), `the focus is at ${left} once the dialog is gone`);
  }
}

async function judge(tab, look) {
  await tab.page.evaluate(AXE);
  const { violations, passes } = await tab.page.evaluate(() => axe.run(document));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join("\n")}`);
  assert.deepEqual(told, [], `${tab.page.url()} ${JSON.stringify(look)}`);
  assert.ok(passes.some(({ id }) => id === "color-contrast"), "contrast was looked at");
  const scrolls = await tab.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(scrolls, false, `${tab.page.url()} is wider than the window`);
}
