// One record of each call of a tool.

import { get } from "./api.js";
import { badge, code, el, head, listing, time } from "./dom.js";
import { filters, moment, text } from "./form.js";

export async function logPage({ query, go }) {
  const filter = Object.fromEntries(query);
  const accounts = (await get("integrated-account", { limit: 200 })).result;
  const names = Object.fromEntries(accounts.map(({ id, name }) => [id, name]));
  const chosen = filters(
    [
      text("integrated_account_id", "Account", { value: filter.integrated_account_id, list: accounts.map(({ id, name }) => [id, name]) }),
      text("mcp_server_id", "MCP server", { value: filter.mcp_server_id, example: "mcp_…" }),
      text("tool", "Tool", { value: filter.tool }),
      text("code", "Ended with", { value: filter.code, example: "error", list: [["ok", "ok"], ["error", "any error"]] }),
      moment("since", "From", { value: filter.since }),
      moment("until", "Before", { value: filter.until }),
    ],
    async (values) => {
      // What makes no sense is told at its field, and the page stays.
      await get("log", { ...values, limit: 1 });
      go(`#/log?${new URLSearchParams(values)}`);
    },
  );
  const calls = await listing({
    caption: "Calls",
    headings: ["Time", "Tool", "Account", "Ended with", "Took", "Client", "Door"],
    load: (next_cursor) => get("log", { ...filter, next_cursor }),
    show: (call) => [
      time(call.time),
      code(call.tool),
      names[call.account_id] ?? code(call.account_id),
      [badge(call.code, call.code === "ok" ? "good" : "bad"), call.status !== null && el("span", { class: "muted small" }, ` ${call.status}`)],
      el("td", { class: "number" }, `${call.duration_ms} ms`),
      [call.client.name, call.client.version].filter(Boolean).join(" "),
      call.door.replaceAll("_", " "),
    ],
    empty: "No calls, or none that the filter lets through.",
  });
  return [head("Log"), el("p", { class: "muted" }, "One record of each call; no arguments and no answers are kept."), chosen, calls];
}
