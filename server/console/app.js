// Starts the console: signing in, and the pages by the part of the address after `#`.

import { accountPage, accountsPage, connectPage } from "./accounts.js";
import { askAs, session } from "./api.js";
import { alertOf, button, el, say } from "./dom.js";
import { form, text } from "./form.js";
import { integrationPage, integrationsPage } from "./integrations.js";
import { linksPage } from "./links.js";
import { logPage } from "./log.js";
import { newServerPage, serverPage } from "./servers.js";
import { tokensPage } from "./tokens.js";
import { toolsPage } from "./tools.js";

const main = document.getElementById("main");
const nav = document.querySelector("nav");

/** Pages by their path, of which `:name` is any part. */
const routes = [
  ["accounts", accountsPage],
  ["accounts/new", connectPage],
  ["accounts/:account", accountPage],
  ["accounts/:account/tools", toolsPage],
  ["accounts/:account/mcp/new", newServerPage],
  ["accounts/:account/mcp/:server", serverPage],
  ["helpdesks", integrationsPage],
  ["helpdesks/:slug", integrationPage],
  ["log", logPage],
  ["links", linksPage],
  ["tokens", tokensPage],
];

/** What only a token that reaches all accounts may see. */
const forAll = ["accounts/new", "links", "tokens"];

/** Whether the token reaches all accounts; unknown until it was asked. */
let reachesAll;
/** Counts what was asked to be shown: a page that comes late is not shown any more. */
let wanted = 0;

function routed() {
  const [path, query] = (location.hash.slice(2) || "accounts").split("?");
  const parts = path.split("/").map(decoded);
  for (const [template, page] of routes) {
    const names = template.split("/");
    const fits = names.length === parts.length && names.every((name, index) => name.startsWith(":") || name === parts[index]);
    if (!fits) continue;
    const values = names.flatMap((name, index) => (name.startsWith(":") ? [[name.slice(1), parts[index]]] : []));
    return { template, page, values: Object.fromEntries(values), query: new URLSearchParams(query) };
  }
  return undefined;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What to tell once the page that was gone to is there. */
let pending = "";

/** Goes to a page and tells what led there. */
function go(hash, told = "") {
  pending = told;
  if (location.hash === hash) moved();
  else location.hash = hash;
}

function moved() {
  const told = pending;
  pending = "";
  show(told);
}

/** Shows the page that the address names. */
async function show(told = "") {
  const turn = ++wanted;
  document.querySelectorAll("dialog").forEach((box) => box.close());
  main.setAttribute("aria-busy", "true");
  try {
    if (!session.token()) return signIn();
    const content = await contentOf(routed());
    if (turn !== wanted) return;
    main.replaceChildren(...[content].flat());
    arrived();
    say(told);
  } catch (error) {
    if (turn !== wanted) return;
    if (error.status === 401) return signedOut(error.message);
    main.replaceChildren(el("h1", { tabindex: "-1" }, "This did not work"), alertOf(error), button("Try again", () => show()));
    arrived();
  } finally {
    if (turn === wanted) main.removeAttribute("aria-busy");
  }
}

async function contentOf(route) {
  if (reachesAll === undefined) reachesAll = await admitted(session.token());
  showNav(route);
  if (!route) throw new Error("There is no such page.");
  if (forAll.includes(route.template) && !reachesAll) throw new Error("This is for tokens that reach all accounts. Yours reaches one.");
  return route.page({ ...route.values, query: route.query, reachesAll, go, refresh: show });
}

/** Names the page, and lets a keyboard go on where it starts. */
function arrived() {
  const heading = main.querySelector("h1");
  document.title = heading ? `${heading.textContent} · Deskhand` : "Deskhand";
  scrollTo(0, 0);
  heading?.focus();
}

function showNav(route) {
  const pages = [["accounts", "Accounts"], ["helpdesks", "Helpdesks"], ["log", "Log"]];
  if (reachesAll) pages.push(["links", "Connect links"], ["tokens", "API tokens"]);
  const current = route?.template.split("/")[0];
  nav.replaceChildren(
    ...pages.map(([path, label]) => el("a", { href: `#/${path}`, "aria-current": path === current && "page" }, label)),
    el("span", { class: "end" }, !reachesAll && "One account", button("Sign out", () => signedOut())),
  );
  nav.hidden = false;
}

/** Whether a token reaches all accounts. Throws if it reaches nothing. */
async function admitted(token) {
  const least = { query: { limit: 1 } };
  await askAs(token, "GET", "integrated-account", least);
  try {
    await askAs(token, "GET", "api-token", least);
    return true;
  } catch (refusal) {
    if (refusal.status === 401) return false;
    throw refusal;
  }
}

function signIn(why) {
  const token = text("token", "API token", {
    secret: true,
    help: "Printed at the first start of the server; `deskhand token create` makes others. It is kept in this tab until you sign out or close it.",
  });
  const enter = form([token], "Sign in", async (values) => {
    reachesAll = await admitted(values.token ?? "");
    session.keep(values.token);
    await show("You are signed in.");
  });
  const box = el("div", { class: "panel sign-in" }, el("h1", { tabindex: "-1" }, "Sign in"), why && alertOf(new Error(why)), enter);
  main.replaceChildren(box);
  document.title = "Sign in · Deskhand";
  token.control.focus();
}

/** Forgets the token and all that it has shown. */
function signedOut(why) {
  wanted += 1;
  session.forget();
  reachesAll = undefined;
  nav.hidden = true;
  nav.replaceChildren();
  document.querySelectorAll("dialog").forEach((box) => box.close());
  main.removeAttribute("aria-busy");
  say("");
  signIn(why);
}

addEventListener("hashchange", moved);
addEventListener("signed-out", (event) => signedOut(event.detail));
document.querySelector(".skip").addEventListener("click", (event) => {
  // The part after `#` names pages.
  event.preventDefault();
  main.focus();
});

show();
