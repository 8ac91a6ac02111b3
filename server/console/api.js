// The REST API of the server that this page came from, and the token that opens it.

// This module is in console/ beside the API, whatever path a proxy has put both under.
const ROOT = new URL("..", import.meta.url);
const KEY = "deskhand.api-token";

/** The token, kept in this tab only. */
export const session = {
  token: () => sessionStorage.getItem(KEY),
  keep: (token) => sessionStorage.setItem(KEY, token),
  forget: () => sessionStorage.removeItem(KEY),
};

/** Why the server has not done what it was asked. */
export class Refusal extends Error {
  constructor(status, message, problems = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/** A path with its parts encoded: at`log/${id}`. */
export const at = (texts, ...parts) => String.raw({ raw: texts }, ...parts.map(encodeURIComponent));

/** Asks with a token that is yet to be tried. */
export async function askAs(token, method, path, { query = {}, body } = {}) {
  const address = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") address.searchParams.set(name, value);
  }
  if (!/^[!-~]*$/.test(token)) throw new Refusal(401, "That is no API token: one is dh_ and plain letters and digits, without spaces.");
  const headers = { Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(address, { method, headers, body: JSON.stringify(body), cache: "no-store", credentials: "omit" });
    text = await response.text();
  } catch {
    throw new Refusal(0, "The server does not answer. Whether it has done what it was asked is not known: look before you repeat it.");
  }
  const told = parsed(text);
  if (response.ok) return told;
  const message = told?.message ?? `The server, or a proxy before it, answered ${response.status} and did not say why.`;
  throw new Refusal(response.status, message, told?.problems);
}

function parsed(text) {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asks with the token of the session. A token that is refused is forgotten. */
export async function ask(method, path, options) {
  try {
    return await askAs(session.token(), method, path, options);
  } catch (refusal) {
    if (refusal.status === 401) {
      session.forget();
      dispatchEvent(new CustomEvent("signed-out", { detail: refusal.message }));
    }
    throw refusal;
  }
}

export const get = (path, query) => ask("GET", path, { query });
export const post = (path, body) => ask("POST", path, { body });
export const patch = (path, body) => ask("PATCH", path, { body });
export const remove = (path) => ask("DELETE", path);
