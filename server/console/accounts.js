// Connected accounts.

import { at, get, patch, post, remove } from "./api.js";
import {
  badge, button, code, confirmed, crumbs, dialog, el, facts, head, link, listing, say, section, table, time,
} from "./dom.js";
import { alternatives, choice, filters, folded, form, text } from "./form.js";
import { linkFields, shownLink } from "./links.js";
import { credentials, takesLinks, variables, ways } from "./settings.js";

const pageOf = (id) => `#/accounts/${encodeURIComponent(id)}`;

const deskNames = async () => (await get("integration")).result.map(({ slug, title }) => [slug, title]);

export async function accountsPage({ query, reachesAll, go }) {
  const filter = Object.fromEntries(query);
  const desks = await deskNames();
  const titles = Object.fromEntries(desks);
  const chosen = filters(
    [
      choice("integration", "Helpdesk", [["", "all"], ...desks], { value: filter.integration }),
      choice("status", "Status", [["", "all"], ["active", "active"], ["needs_reauth", "needs reauth"]], { value: filter.status }),
      text("tenant_id", "Tenant", { value: filter.tenant_id }),
    ],
    (values) => go(`#/accounts?${new URLSearchParams(values)}`),
  );
  const accounts = await listing({
    caption: "Accounts",
    headings: ["Account", "Helpdesk", "Status", "Tenant", "Connected"],
    load: (next_cursor) => get("integrated-account", { ...filter, next_cursor }),
    show: (account) => [
      link(account.name, pageOf(account.id)),
      titles[account.integration] ?? account.integration,
      badge(account.status),
      account.tenant_id ?? "",
      time(account.created_at),
    ],
    empty: "There are none. Connect an account to begin.",
  });
  return [head("Accounts", reachesAll && link("Connect an account", "#/accounts/new", "button primary")), chosen, accounts];
}

export async function connectPage({ query, go }) {
  const desks = await deskNames();
  const slug = query.get("integration") ?? desks[0][0];
  const desk = await get(at`integration/${slug}`);
  const which = choice("integration", "Helpdesk", desks, { value: slug });
  which.control.addEventListener("change", () => go(`#/accounts/new?${new URLSearchParams({ integration: which.read() })}`));
  const byLink = { link: true, label: "A link that its owner opens", fields: [...variables(desk, { allOptional: true }), ...linkFields()] };
  const byCredentials = ways(desk).map((way) => ({ ...way, fields: [...variables(desk), ...way.fields] }));
  const how = alternatives("How it is connected", takesLinks(desk) ? [...byCredentials, byLink] : byCredentials);
  const connect = async (values) => {
    if (how.chosen().link) {
      const made = await post("connect-link", values);
      await shownLink(made);
      return go("#/links");
    }
    const account = await post("integrated-account", values);
    return go(pageOf(account.id), `Connected. Test it to see whether ${desk.title} accepts the credentials.`);
  };
  const fields = [
    which,
    text("name", "Name", { help: "For people; you can change it later." }),
    how,
    folded("More", [
      text("tenant_id", "Tenant", { help: "Your own name for your customer.", optional: true }),
      text("base_url", "Another address", { help: `Used instead of ${desk.base_url}, for tests.`, optional: true }),
    ]),
  ];
  return [
    crumbs(link("Accounts", "#/accounts"), "New"),
    head("Connect an account"),
    el("div", { class: "panel" }, form(fields, "Connect", connect, { cancel: () => go("#/accounts") })),
  ];
}

export async function accountPage({ account: id, reachesAll, go, refresh }) {
  const account = await get(at`integrated-account/${id}`);
  const desk = await get(at`integration/${account.integration}`);
  const tested = el("div", { "aria-live": "polite" });
  const test = async () => tested.replaceChildren(verdict(await post(at`integrated-account/${id}/test`)));
  const erase = () =>
    confirmed(
      `Delete ${account.name}?`,
      "Its MCP servers and the API tokens that reach only it end at once. This cannot be taken back.",
      "Delete the account",
      async () => {
        await remove(at`integrated-account/${id}`);
        go("#/accounts", `${account.name} is deleted.`);
      },
    );
  const again = async () => shownLink(await post("connect-link", { account_id: id }));
  const servers = await listing({
    caption: "MCP servers",
    headings: ["MCP server", "Methods", "Tags", "Expires", "Made"],
    load: (next_cursor) => get(at`integrated-account/${id}/mcp`, { next_cursor }),
    show: (server) => [
      link(server.name, `${pageOf(id)}/mcp/${encodeURIComponent(server.id)}`),
      (server.config.methods ?? ["all"]).join(", "),
      (server.config.tags ?? ["all"]).join(", "),
      time(server.expires_at),
      time(server.created_at),
    ],
    empty: "There are none. An MCP server is what AI clients connect to.",
  });
  const top = el(
    "div",
    { "data-alerts": true },
    head(
      account.name,
      button("Test", test, "primary"),
      button("Edit", () => edit(account, desk, refresh)),
      button("Replace credentials", () => replace(account, desk, refresh)),
      reachesAll && takesLinks(desk) && button("Connect anew by a link", again),
      button("Delete", erase, "danger"),
    ),
    tested,
  );
  return [
    crumbs(link("Accounts", "#/accounts"), account.name),
    top,
    facts([
      ["Helpdesk", link(desk.title, `#/helpdesks/${desk.slug}`)],
      ["Status", badge(account.status)],
      ["Id", code(account.id)],
      ["Tenant", account.tenant_id],
      ...desk.variables.map(({ name, title }) => [title, account.variables[name]]),
      ["Authenticates by", account.connected_by?.replaceAll("_", " ")],
      ["Credentials set", credentialsSet(account, desk)],
      ["Address used", account.base_url && code(account.base_url)],
      ["Connected", time(account.created_at)],
      ["Last changed", time(account.updated_at)],
      ["Look at", [link("its tools", `${pageOf(id)}/tools`), ", ", link("its calls", `#/log?integrated_account_id=${encodeURIComponent(id)}`)]],
    ]),
    section("MCP servers", [link("Create an MCP server", `${pageOf(id)}/mcp/new`, "button")], servers),
    await customFields(id, desk),
  ];
}

function credentialsSet({ credential_fields: set }, desk) {
  if (set === null) return "cannot be read with the master keys at hand";
  return desk.credentials.filter(({ name }) => set.includes(name)).map(({ title }) => title).join(", ");
}

/** How a test went. */
function verdict({ ok, message, hint, status, duration_ms, operation }) {
  const details = [status && `status ${status}`, `${duration_ms} ms`, operation].filter(Boolean).join(", ");
  return el(
    "div",
    { class: `note ${ok ? "" : "bad"}` },
    el("p", {}, el("strong", {}, message)),
    hint && el("p", {}, hint),
    el("p", { class: "muted small" }, details),
  );
}

function edit(account, desk, refresh) {
  return dialog(`Edit ${account.name}`, (close) => {
    const fields = [
      text("name", "Name", { value: account.name, blank: "" }),
      text("tenant_id", "Tenant", { value: account.tenant_id ?? "", blank: null, optional: true, help: "Your own name for your customer." }),
      ...variables(desk, { values: account.variables }),
      text("base_url", "Another address", {
        value: account.base_url ?? "",
        blank: null,
        optional: true,
        help: `Used instead of ${desk.base_url}, for tests.`,
      }),
    ];
    const save = async (values) => {
      await patch(at`integrated-account/${account.id}`, changed(account, values));
      close();
      refresh("Saved.");
    };
    return form(fields, "Save", save, { cancel: close });
  });
}

/** What differs: giving the same address or variables anew would say that the account was connected anew. */
function changed(account, values) {
  const differs = (before) => ([name, value]) => value !== (before[name] ?? null);
  const { variables = {}, ...others } = values;
  const body = Object.fromEntries(Object.entries(others).filter(differs(account)));
  const changes = Object.entries(variables).filter(differs(account.variables));
  return changes.length > 0 ? { ...body, variables: Object.fromEntries(changes) } : body;
}

function replace(account, desk, refresh) {
  return dialog(`Replace the credentials of ${account.name}`, (close) => {
    const how = credentials(desk, { keep: true });
    const save = async ({ credentials: given }) => {
      if (!given) throw new Error("Nothing was filled in.");
      // Those of another way would be used before these.
      const here = how.fields().map(({ name }) => name);
      const others = (account.credential_fields ?? []).filter((name) => !here.includes(`credentials.${name}`));
      const cleared = Object.fromEntries(others.map((name) => [name, null]));
      await patch(at`integrated-account/${account.id}`, { credentials: { ...cleared, ...given } });
      close();
      refresh(`Saved. Test it to see whether ${desk.title} accepts the credentials.`);
    };
    const told = el("p", { class: "muted" }, "What you leave empty stays as it is. MCP servers and their addresses stay, too.");
    return [told, form([how], "Replace", save, { cancel: close })];
  });
}

/** The custom fields that the account has defined at its helpdesk. */
async function customFields(id, desk) {
  const content = el("div", {}, fieldsOf(await get(at`integrated-account/${id}/fields`)));
  const read = async () => {
    const fields = await post(at`integrated-account/${id}/refresh`);
    content.replaceChildren(...fieldsOf(fields));
    say(fields.changes.length > 0 ? `Read; ${fields.changes.length} differ.` : "Read.");
  };
  return section("Custom fields", [button(`Read them from ${desk.title}`, read)], content);
}

function fieldsOf({ read_at, slots, changes, problems = [] }) {
  const rows = slots.flatMap(({ slot, fields }) =>
    fields.map((field) => [[field.label, el("div", { class: "muted" }, code(field.key))], slot, field.kind ?? "any", field.choices.join(", ")]),
  );
  const empty = read_at ? "The account has defined none." : "They were not read yet, or accounts of this helpdesk have none.";
  return [
    ...problems.map(({ slot, message }) => el("p", { class: "alert", role: "alert" }, `${slot}: ${message}`)),
    read_at && el("p", { class: "muted small" }, "Read ", time(read_at), ". ", changes.join(" ")),
    table("Custom fields", ["Field", "Belongs to", "Kind", "Choices"], rows, empty).whole,
  ].filter(Boolean);
}
