// Elements, and what pages are made of. Text is only ever put in as text.

/** An element. Attributes that are false, null or undefined are left out; functions are listeners. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let ids = 0;
/** An id that nothing else on the page has. */
export const freshId = (what) => `${what}-${++ids}`;

/** Tells what happened, also to those who listen to the page. */
export function say(text) {
  const said = document.getElementById("said");
  said.textContent = text;
  said.hidden = text === "";
}

/** Text in which what stands between backticks is code. */
export const prose = (text) => text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? code(part) : part));

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What went wrong, where it went wrong. */
export const alertOf = (error) => el("p", { class: "alert", role: "alert" }, prose(capital(error.message)));

/** Does something that takes time. Until it has ended the control that began it begins nothing, and keeps the focus. */
export async function busily(control, act) {
  if (control.hasAttribute("aria-busy")) return;
  control.setAttribute("aria-busy", "true");
  try {
    await act();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** A button. What goes wrong is told beside it. */
export function button(label, act, kind = "") {
  const pressed = () => busily(made, act).catch((error) => failed(made, error));
  const made = el("button", { type: "button", class: kind, click: pressed }, label);
  return made;
}

/** Tells what went wrong in the place for it: the nearest `[data-alerts]`, else the start of the page. */
export function failed(from, error) {
  // Its page may have given way to another.
  if (!from.isConnected) return;
  const place = from.closest("[data-alerts]") ?? document.getElementById("main");
  place.querySelector(":scope > .alert")?.remove();
  place.prepend(alertOf(error));
}

export const link = (text, href, kind) => el("a", { href, class: kind }, text);

/** A link to a page of somebody else, which learns nothing of this one. */
export const away = (text, href) =>
  /^https?:\/\//.test(href) ? el("a", { href, rel: "noopener noreferrer", target: "_blank" }, text) : text;

export const code = (text) => el("code", {}, text);

const badges = { active: "good", ok: "good", read: "good", needs_reauth: "warn", write: "warn", destructive: "bad" };
/** A word that stands out. */
export const badge = (word, kind = badges[word] ?? "") => el("span", { class: `badge ${kind}` }, word.replaceAll("_", " "));

/** A time as people here write it. */
export function time(text) {
  if (!text) return el("span", { class: "muted" }, "never");
  const shown = new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return el("time", { datetime: text, title: text }, shown);
}

/** The top of a page. */
export const head = (title, ...actions) =>
  el("div", { class: "head" }, el("h1", { tabindex: "-1" }, title), actions.length > 0 && el("div", { class: "actions" }, actions));

/** Where a page is. */
export const crumbs = (...steps) =>
  el("p", { class: "crumbs" }, steps.flatMap((step, index) => (index === 0 ? [step] : [" / ", step])));

export const section = (title, actions, ...content) => {
  const id = freshId("part");
  const top = el("div", { class: "head" }, el("h2", { id }, title), actions.length > 0 && el("div", { class: "actions" }, actions));
  return el("section", { "aria-labelledby": id, "data-alerts": true }, top, content);
};

/** Names and values. What has no value is left out. */
export const facts = (pairs) =>
  el(
    "dl",
    { class: "panel" },
    pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );

/** A table. The first cell of a row names it. */
export function table(caption, headings, rows, empty) {
  const body = el("tbody", {}, rows.map(row));
  const top = el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)));
  const all = el("table", {}, el("caption", {}, caption), el("thead", {}, top), body);
  const nothing = el("p", { class: "empty", hidden: rows.length > 0 }, empty);
  all.hidden = rows.length === 0;
  const whole = el("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": caption }, all, nothing);
  const append = (others) => body.append(...others.map(row));
  return { whole, append };
}

function row([first, ...others]) {
  return el("tr", {}, el("th", { scope: "row" }, first), others.map((cell) => (cell?.tagName === "TD" ? cell : el("td", {}, cell))));
}

/** A table of a list of the API, which comes in pages. */
export async function listing({ caption, headings, load, show, empty }) {
  let page = await load();
  const { whole, append } = table(caption, headings, page.result.map(show), empty);
  const more = button("More", async () => {
    page = await load(page.next_cursor);
    append(page.result.map(show));
    say(`${page.result.length} more.`);
    more.parentElement.hidden = page.next_cursor === null;
  });
  return el("div", { "data-alerts": true }, whole, el("div", { class: "more", hidden: page.next_cursor === null }, more));
}

/** A value to take along. */
export function copyable(label, value) {
  const id = freshId("copy");
  const field = el("input", { id, class: "mono", readonly: true, value, focus: () => field.select() });
  // In a dialog nothing else of the page is heard.
  const told = el("p", { class: "help", role: "status" });
  const copy = button("Copy", async () => {
    field.select();
    told.textContent = await copied(value) ? "Copied." : "Selected: copy it with the keyboard.";
  });
  copy.setAttribute("aria-label", `Copy ${label}`);
  return el("div", { class: "field" }, el("label", { for: id }, label), el("div", { class: "actions" }, field, copy), told);
}

/** Whether a text is in the clipboard now. Browsers keep it from pages that came over plain http from another machine. */
const copied = (text) =>
  navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );

/** A dialog; it is gone when it is closed. `build` makes its content and can close it. */
export function dialog(title, build) {
  const id = freshId("dialog");
  const box = el("dialog", { "aria-labelledby": id, "data-alerts": true });
  const closed = new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      resolve();
    });
  });
  box.append(el("h2", { id }, title), el("div", { class: "stack" }, build(() => box.close())));
  document.body.append(box);
  box.showModal();
  return closed;
}

/** Asks before something that cannot be taken back, and does it. */
export function confirmed(title, text, label, act) {
  return dialog(title, (close) => [
    el("p", {}, text),
    el(
      "div",
      { class: "actions" },
      button(label, async () => {
        await act();
        close();
      }, "danger"),
      button("Cancel", close),
    ),
  ]);
}
