// A browser in front of the console, and what it must never do there. Rust tells what the story is about, is told how it
// goes in lines of JSON, and can look at the server before it goes on.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Longest wait for anything. It ends a test that hangs; no test is about how long something takes. */
const PATIENCE = 60_000;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const next = async () => {
  const { value, done } = await lines.next();
  if (done) process.exit(1);
  return JSON.parse(value);
};

/** Tells where the story is, and waits for what is said to that. */
export async function tell(at, about = {}) {
  process.stdout.write(`${JSON.stringify({ at, ...about })}\n`);
  return next();
}

/** Plays a story with the tab. */
export async function play(story) {
  const given = await next();
  const browser = await chromium.launch({ executablePath: given.chromium, args: ARGUMENTS });
  try {
    await story(new Tab(browser, given));
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ failed: `${error.stack}` })}\n`);
    return;
  } finally {
    await browser.close();
  }
  process.stdout.write(`${JSON.stringify({ at: "end" })}\n`);
}

/** A tab of the browser with the console in it. */
class Tab {
  /** What the server has refused, as `status method path`. */
  refused = [];
  #wrong = [];

  constructor(browser, given) {
    this.browser = browser;
    this.given = given;
  }

  /** Opens it anew, as somebody with a window of their own. */
  async open(options = {}) {
    const origin = new URL(this.given.base).origin;
    this.context = await this.browser.newContext(options);
    await this.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on("request", (request) => {
      const url = request.url();
      if (new URL(url).origin !== origin) this.#wrong.push(`asked ${url}`);
      if (url.includes("dh_")) this.#wrong.push(`a token is in an address: ${url}`);
    });
    page.on("response", (response) => {
      const request = response.request();
      if (response.status() >= 400) this.refused.push(`${response.status()} ${request.method()} ${this.below(response.url())}`);
    });
    page.on("console", (message) => {
      // Refusals are told there, too, and counted above.
      const isRefusal = message.text().startsWith("Failed to load resource: the server responded");
      if (["error", "warning"].includes(message.type()) && !isRefusal) this.#wrong.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#wrong.push(`thrown: ${error.stack}`));
    page.on("dialog", (dialog) => this.#wrong.push(`a script speaks: ${dialog.message()}`));
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    this.page = page;
    await page.goto(`${this.given.base}/`);
  }

  /** The path of an address below the console's own, without its query and with no id's own letters. */
  below(url) {
    const path = url.slice(this.given.base.length).split("?")[0];
    return path.replaceAll(/(acc|mcp|tok|link)_[\w-]+/g, "$1");
  }

  /** Nothing happened that must not, and of what was asked just this was refused. */
  assertClean(refused) {
    assert.deepEqual(this.#wrong, []);
    assert.deepEqual(this.refused, refused);
  }

  async signIn(token = this.given.token) {
    await this.field("API token").fill(token);
    await this.press("Sign in");
  }

  async goTo(hash, title) {
    await this.page.evaluate((hash) => {
      if (location.hash === hash) return undefined;
      const moved = new Promise((resolve) => addEventListener("hashchange", () => resolve(), { once: true }));
      location.hash = hash;
      return moved;
    }, hash);
    await this.page.locator("main:not([aria-busy])").waitFor();
    await this.page.getByRole("heading", { name: title, exact: true, level: 1 }).waitFor();
  }

  heading = (name) => this.page.getByRole("heading", { name, exact: true }).waitFor();
  text = (text) => this.page.getByText(text).first().waitFor();
  press = (name) => this.page.getByRole("button", { name, exact: true }).click();
  follow = (name) => this.page.getByRole("link", { name, exact: true }).first().click();
  field = (name) => this.page.getByLabel(name, { exact: true });
  dialog = () => this.page.getByRole("dialog");
  /** What is shown to be taken along. */
  shown = (name) => this.dialog().getByRole("textbox", { name, exact: true }).inputValue();
  rows = () => this.page.locator("tbody tr");

  /** What is said to be wrong with a field, where people and screen readers find it. */
  async fault(name) {
    const field = this.field(name);
    await field.and(this.page.locator("[aria-invalid=true]")).waitFor();
    const ids = (await field.getAttribute("aria-describedby")).split(" ");
    return this.page.locator(`#${ids.at(-1)}`).innerText();
  }

  /** What is written in a file of the tab's, and of the browser's. */
  kept = () => this.page.evaluate(() => ({ session: { ...sessionStorage }, local: { ...localStorage }, cookie: document.cookie }));
}
