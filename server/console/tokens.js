// The tokens that open the REST API, and this console.

import { at, get, post, remove } from "./api.js";
import { button, code, confirmed, copyable, dialog, el, head, listing, time } from "./dom.js";
import { form, moment, text } from "./form.js";

export async function tokensPage({ refresh }) {
  const accounts = (await get("integrated-account", { limit: 200 })).result;
  const names = Object.fromEntries(accounts.map(({ id, name }) => [id, name]));
  const tokens = await listing({
    caption: "API tokens",
    headings: ["Token", "Id", "Reaches", "Ends", "Made", "Action"],
    load: (next_cursor) => get("api-token", { next_cursor }),
    show: (token) => [
      token.name,
      code(token.id),
      token.account_id ? names[token.account_id] ?? code(token.account_id) : "all accounts",
      time(token.expires_at),
      time(token.created_at),
      button("Revoke", () => revoke(token, refresh), "danger"),
    ],
    empty: "There are none.",
  });
  return [head("API tokens", button("Create an API token", () => create(accounts, refresh), "primary")), tokens];
}

async function create(accounts, refresh) {
  let made;
  await dialog("Create an API token", (close) => {
    const fields = [
      text("name", "Name", { blank: "" }),
      text("account_id", "Only account", {
        optional: true,
        list: accounts.map(({ id, name }) => [id, name]),
        help: "The id of the one account that it reaches. Without one it reaches everything.",
      }),
      moment("expires_at", "Ends at", { optional: true, help: "Never, if left empty." }),
    ];
    const send = async (values) => {
      made = await post("api-token", values);
      close();
    };
    return form(fields, "Create", send, { cancel: close });
  });
  if (!made) return;
  await dialog(`${made.name} is ready`, (close) => [
    el("p", {}, "Copy the token now: it is shown this once."),
    copyable("Token", made.token),
    el("div", { class: "actions" }, button("Done", close, "primary")),
  ]);
  refresh();
}

const revoke = (token, refresh) =>
  confirmed(`Revoke ${token.name}?`, "It ends at once. If it is the one you are signed in with, you are signed out.", "Revoke the token", async () => {
    await remove(at`api-token/${token.id}`);
    refresh(`${token.name} is revoked.`);
  });
