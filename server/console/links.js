// Links by which people connect their helpdesk in a browser.

import { at, get, remove } from "./api.js";
import { badge, button, confirmed, copyable, dialog, el, head, listing, time } from "./dom.js";
import { choice } from "./form.js";

/** What is asked for a link, besides what its account is to be. */
export const linkFields = () => [
  choice("expires_in_seconds", "How long the link works", [["3600", "an hour"], ["86400", "a day"], ["604800", "a week"], ["2592000", "30 days"]], {
    value: "3600",
    help: "Whoever opens it is asked for what you leave empty, and agrees at the helpdesk. It connects one account.",
    as: Number,
  }),
];

/** Shows the address of a link, this once. */
export const shownLink = ({ url, expires_at }) =>
  dialog("The link", (close) => [
    el("p", {}, "Send it to whoever owns the helpdesk, as you would send a password: it opens for anybody who has it. It is shown this once."),
    copyable("Link", url),
    el("p", { class: "muted" }, "It works until ", time(expires_at), "."),
    el("div", { class: "actions" }, button("Done", close, "primary")),
  ]);

export async function linksPage({ refresh }) {
  const links = await listing({
    caption: "Connect links",
    headings: ["Account", "Helpdesk", "State", "Works until", "Action"],
    load: (next_cursor) => get("connect-link", { next_cursor }),
    show: (link) => [
      link.name,
      link.integration,
      link.used_at ? badge("used") : badge("open", "good"),
      time(link.expires_at),
      button("Take back", () => takeBack(link, refresh), "danger"),
    ],
    empty: "There are none. Links are made where an account is connected.",
  });
  return [head("Connect links"), links];
}

const takeBack = (link, refresh) =>
  confirmed(`Take back the link for ${link.name}?`, "It opens nothing any more. What was connected with it stays.", "Take it back", async () => {
    await remove(at`connect-link/${link.id}`);
    refresh("The link is taken back.");
  });
