// A proxy has put the server below a path of its own.

import { play } from "./browser.mjs";

await play(async (tab) => {
  await tab.open();
  await tab.signIn();
  await tab.heading("Accounts");
  await tab.follow("Acme");
  await tab.follow("Create an MCP server");
  await tab.field("Name").fill("Below");
  await tab.press("Create");
  await tab.dialog().getByRole("heading", { name: "Below is ready" }).waitFor();
  await tab.press("Done");
  await tab.heading("Below");
  tab.assertClean([]);
});
