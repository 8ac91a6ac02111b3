// Fields for what a helpdesk asks of an account, made from its description.

import { alternatives, choice, text } from "./form.js";

/** One setting. With `keep` it may be left empty, and what there is stays. */
function setting(place, { name, title, help, secret, optional, example, default: preset, one_of }, { keep, value, blank } = {}) {
  const options = { help, value: value ?? "", optional: !keep && (optional || preset !== null), blank };
  if (one_of.length === 0) return text(`${place}.${name}`, title, { ...options, secret, example: secret ? undefined : example });
  const none = keep ? "as it is" : preset ? `${preset}, if nothing is chosen` : "choose";
  return choice(`${place}.${name}`, title, [["", none], ...one_of.map((word) => [word, word])], options);
}

/** The variables. What stands in `values` and may be missing is cleared by being emptied. */
export const variables = (desk, { values = {}, allOptional = false } = {}) =>
  desk.variables.map((one) => {
    const value = values[one.name];
    return setting("variables", { ...one, optional: one.optional || allOptional }, { value, blank: value && one.optional ? null : undefined });
  });

/** The ways to authenticate with credentials, each with its fields. */
export function ways(desk, { keep = false } = {}) {
  const needed = new Set(desk.authentication.flatMap(({ needs }) => needs));
  // What comes of a flow is seldom at hand.
  const ordered = desk.authentication.toSorted((one, other) => one.oauth2 - other.oauth2);
  return ordered.map(({ needs }) => {
    // What no way needs, such as a kind of token, goes with any of them.
    const asked = desk.credentials.filter((one) => needs.includes(one.name) || !needed.has(one.name));
    const label = asked.filter((one) => needs.includes(one.name)).map(({ title }) => title).join(" and ");
    const fields = asked.map((one) => setting("credentials", { ...one, optional: one.optional && !needs.includes(one.name) }, { keep }));
    return { label, fields };
  });
}

/** Fields for the credentials of one of the ways. */
export const credentials = (desk, options) => alternatives("How it authenticates", ways(desk, options));

/** Whether accounts can be connected by a link, which their owner opens. */
export const takesLinks = (desk) => desk.authentication.some((way) => way.oauth2);
