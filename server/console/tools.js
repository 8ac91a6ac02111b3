// The tools of an account.

import { at, get } from "./api.js";
import { badge, code, crumbs, el, head, link, prose, table } from "./dom.js";
import { filters, text } from "./form.js";

export async function toolsPage({ account: id, query, go }) {
  const account = await get(at`integrated-account/${id}`);
  const hash = `#/accounts/${encodeURIComponent(id)}`;
  const [methods, tags] = [query.get("methods") ?? "", query.get("tags") ?? ""];
  const filter = filters(
    [
      text("methods", "Methods", { value: methods, example: "read, create" }),
      text("tags", "Tags", { value: tags, example: "tickets" }),
    ],
    async (values) => {
      // What makes no sense is told at its field, and the page stays.
      await get(at`integrated-account/${id}/tools`, values);
      go(`${hash}/tools?${new URLSearchParams(values)}`);
    },
  );
  const [{ result }, desk] = await Promise.all([
    get(at`integrated-account/${id}/tools`, { methods, tags }),
    get(at`integration/${account.integration}`),
  ]);
  const known = Object.fromEntries(desk.tools.map((tool) => [tool.name, tool]));
  const tools = table(
    "Tools",
    ["Tool", "Effect", "Resource", "What it does"],
    result.map((tool) => [
      [known[tool.name].title, el("div", { class: "muted" }, code(tool.name))],
      badge(known[tool.name].effect),
      tool.resource,
      el("td", { class: "wide" }, described(tool.description)),
    ]),
    "None.",
  );
  return [
    crumbs(link("Accounts", "#/accounts"), link(account.name, hash), "Tools"),
    head("Tools"),
    filter,
    el("p", { class: "muted" }, `${result.length} tools. What they do is told as it is told to a model.`),
    tools.whole,
  ];
}

/** The first paragraph of a description; the others can be unfolded. */
function described(text) {
  const [first, ...others] = text.split("\n\n");
  return [el("p", {}, prose(first)), others.length > 0 && el("details", {}, el("summary", {}, "More"), el("p", {}, prose(others.join("\n\n"))))];
}
