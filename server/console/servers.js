// MCP servers of an account.

import { at, get, patch, post, remove } from "./api.js";
import { badge, button, code, confirmed, copyable, crumbs, dialog, el, facts, head, link, time } from "./dom.js";
import { choice, folded, form, json, moment, text, words, yes } from "./form.js";

const accountHash = (id) => `#/accounts/${encodeURIComponent(id)}`;
const serverHash = ({ integrated_account_id: account, id }) => `${accountHash(account)}/mcp/${encodeURIComponent(id)}`;

/** What an MCP server is asked for. */
function serverFields(desk, { name = "", config = {}, expires_at } = {}) {
  const once = (words) => [...new Set(words)].sort();
  const named = (words) => words.map((word) => [word, undefined]);
  const methods = once(desk.tools.map(({ method }) => method));
  const groups = desk.tags.map(({ name }) => name);
  const tags = once(desk.tools.flatMap((tool) => tool.tags)).filter((tag) => !groups.includes(tag));
  return [
    text("name", "Name", { value: name, blank: "", help: "MCP clients show it." }),
    words(
      "config.methods",
      "Methods",
      [
        { options: [["read", "list and get"], ["write", "create, update and delete"], ["custom", "all others"]] },
        { title: "Single methods", options: named(methods) },
      ],
      { value: config.methods ?? [], blank: null, help: "What its tools may do. Nothing chosen means all." },
    ),
    words(
      "config.tags",
      "Tags",
      [
        { options: desk.tags.map(({ name, description }) => [name, description]) },
        { title: "Others, such as resources", options: named(tags) },
      ],
      { value: config.tags ?? [], blank: null, help: "A tool needs one of them, and one of the methods. Nothing chosen means all." },
    ),
    choice("config.tool_exposure", "How clients see the tools", [["all", "all of them"], ["discovery", "three tools by which the others are found"]], {
      value: config.tool_exposure ?? "all",
      help: "Discovery keeps a long list of tools out of a model's context.",
    }),
    moment("expires_at", "Ends at", { value: expires_at, blank: null, optional: true, help: "Access ends then, also for calls under way. Never, if left empty." }),
    folded("More", [
      yes("config.require_api_token_auth", "Callers must also present an API token of the account", { value: config.require_api_token_auth }),
      json("config.pinned", "Fixed arguments", {
        value: config.pinned,
        optional: true,
        help: 'A JSON object of values by name of argument, such as {"limit": 20}. They are set in every call and gone from the schemas.',
      }),
    ]),
  ];
}

async function surroundings(id) {
  const account = await get(at`integrated-account/${id}`);
  return { account, desk: await get(at`integration/${account.integration}`) };
}

export async function newServerPage({ account: id, go }) {
  const { account, desk } = await surroundings(id);
  const create = async (values) => {
    const made = await post(at`integrated-account/${id}/mcp`, values);
    await shownServer(`${made.name} is ready`, made);
    go(serverHash(made));
  };
  const cancel = () => go(accountHash(id));
  return [
    crumbs(link("Accounts", "#/accounts"), link(account.name, accountHash(id)), "New MCP server"),
    head("Create an MCP server"),
    el("div", { class: "panel" }, form(serverFields(desk), "Create", create, { cancel })),
  ];
}

/** Shows the address and the token of a server, this once. */
function shownServer(title, server) {
  return dialog(title, (close) => [
    el("p", {}, "Copy the address now: it holds the token, opens the tools for anybody who has it, and is shown this once."),
    copyable("Address", server.url),
    copyable("Token", server.token),
    server.previous_token_valid_until && el("p", {}, "The address before works until ", time(server.previous_token_valid_until), "."),
    server.config.require_api_token_auth && el("p", {}, "Callers must send an API token of the account besides, as Authorization: Bearer."),
    el("div", {}, budget(server.tools)),
    el("p", { class: "muted small" }, "What to paste into a client: ", code(`deskhand mcp snippet ${server.id} --client cursor --token …`)),
    el("div", { class: "actions" }, button("Done", close, "primary")),
  ]);
}

/** What the tools cost a client, in words. */
function budget({ count, destructive, listed, estimated_tokens, clients }) {
  const most = Object.entries(clients).map(([limit, kept]) => [parseInt(limit, 10), kept]);
  const broken = most.filter(([, kept]) => !kept).map(([limit]) => limit);
  const counted = (number, what) => `${number.toLocaleString()} ${what}${number === 1 ? "" : "s"}`;
  return el(
    "div",
    { class: `note ${broken.length > 0 ? "warn" : ""}` },
    el("p", {}, el("strong", {}, counted(count, "tool")), `, ${destructive} of them destructive. `, `Listed: ${listed}, about ${counted(estimated_tokens, "token")} of a model's context.`),
    broken.length > 0 && el("p", {}, `Too many for clients that take ${broken.join(" or ")} tools at most: choose fewer methods or tags, or discovery.`),
  );
}

export async function serverPage({ account: id, server: mcpId, go, refresh }) {
  const { account, desk } = await surroundings(id);
  const path = at`integrated-account/${id}/mcp/${mcpId}`;
  const server = await get(path);
  const { config } = server;
  const narrowed = new URLSearchParams();
  if (config.methods) narrowed.set("methods", config.methods.join(","));
  if (config.tags) narrowed.set("tags", config.tags.join(","));
  const erase = () =>
    confirmed(`Delete ${server.name}?`, "Its address opens nothing any more, and calls under way are cut off. This cannot be taken back.", "Delete the MCP server", async () => {
      await remove(path);
      go(accountHash(id), `${server.name} is deleted.`);
    });
  const actions = [
    button("Edit", () => edit(server, desk, path, refresh), "primary"),
    button("New address", () => rotate(server, path)),
    button("Delete", erase, "danger"),
  ];
  return [
    crumbs(link("Accounts", "#/accounts"), link(account.name, accountHash(id)), server.name),
    head(server.name, ...actions),
    budget(server.tools),
    facts([
      ["Id", code(server.id)],
      ["Methods", (config.methods ?? ["all"]).join(", ")],
      ["Tags", (config.tags ?? ["all"]).join(", ")],
      ["Clients see", config.tool_exposure === "all" ? "all tools" : "three tools by which the others are found"],
      ["Fixed arguments", Object.keys(config.pinned).length > 0 ? code(JSON.stringify(config.pinned)) : undefined],
      ["Needs an API token besides", config.require_api_token_auth ? badge("yes", "good") : "no"],
      ["Ends", time(server.expires_at)],
      ["Made", time(server.created_at)],
      ["Last changed", time(server.updated_at)],
      ["Look at", [link("its tools", `${accountHash(id)}/tools?${narrowed}`), ", ", link("its calls", `#/log?mcp_server_id=${encodeURIComponent(server.id)}`)]],
    ]),
  ];
}

function edit(server, desk, path, refresh) {
  return dialog(`Edit ${server.name}`, (close) => {
    const save = async (values) => {
      // The form shows whole minutes: an end that was left alone stays as it is.
      const { expires_at, ...others } = values;
      const moved = shownMinute(expires_at) !== shownMinute(server.expires_at);
      await patch(path, moved ? values : others);
      close();
      refresh("Saved. Clients that listen are told of their new list of tools.");
    };
    return form(serverFields(desk, server), "Save", save, { cancel: close });
  });
}

const shownMinute = (text) => (text ? Math.floor(Date.parse(text) / 60_000) : null);

function rotate(server, path) {
  let made;
  return dialog(`A new address for ${server.name}`, (close) => {
    const overlap = choice(
      "overlap_seconds",
      "The address before works for",
      [["0", "no longer"], ["300", "5 minutes"], ["3600", "an hour"], ["86400", "a day"]],
      { value: "300", as: Number, help: "So that clients can change over." },
    );
    const turn = async (values) => {
      made = await post(`${path}/rotate`, values);
      close();
    };
    return form([overlap], "Make a new address", turn, { cancel: close });
  }).then(() => made && shownServer("The new address", made));
}
