// The helpdesks that are compiled in.

import { at, get } from "./api.js";
import { away, badge, code, crumbs, el, facts, head, link, prose, section, table } from "./dom.js";

export async function integrationsPage() {
  const { result } = await get("integration");
  const card = ({ slug, title, description, tools_count }) =>
    el(
      "article",
      { class: "panel" },
      el("h2", {}, link(title, `#/helpdesks/${slug}`)),
      el("p", { class: "muted small" }, `${tools_count} tools`),
      el("p", { class: "small" }, description.split(". ")[0].replace(/\.?$/, ".")),
    );
  return [head("Helpdesks"), el("div", { class: "cards" }, result.map(card))];
}

export async function integrationPage({ slug }) {
  const desk = await get(at`integration/${slug}`);
  const asked = [...desk.variables.map((one) => [one, "variable"]), ...desk.credentials.map((one) => [one, "credential"])];
  const settings = table(
    "What an account is asked for",
    ["Setting", "Kind", "What it is", "Environment variable"],
    asked.map(([one, kind]) => [
      [one.title, el("div", {}, code(one.name))],
      [kind, one.optional && el("div", { class: "muted small" }, "optional")],
      el("td", { class: "wide" }, prose(one.help)),
      code(one.environment),
    ]),
    "Nothing.",
  );
  const tools = table(
    "Tools",
    ["Tool", "Effect", "Resource", "Tags"],
    desk.tools.map((tool) => [[tool.title, el("div", { class: "muted" }, code(tool.name))], badge(tool.effect), tool.resource, tool.tags.join(", ")]),
    "None.",
  );
  return [
    crumbs(link("Helpdesks", "#/helpdesks"), desk.title),
    head(desk.title),
    el("p", {}, prose(desk.description)),
    facts([
      ["Short name", code(desk.slug)],
      ["Address of its API", code(desk.base_url)],
      ["Limits", prose(desk.limits)],
      ["Documentation", away(desk.documentation, desk.documentation)],
    ]),
    section("What an account is asked for", [], settings.whole),
    section(`Tools (${desk.tools_count})`, [], tools.whole),
  ];
}
