// Forms whose faults are shown where they are. A field has the name that the API knows it by.

import { Refusal } from "./api.js";
import { alertOf, busily, button, capital, el, freshId, prose } from "./dom.js";

/** A fault that is found before anything is sent. */
class Fault extends Error {}

/** A field around a control: label, help, and a place for its fault. `read` gives its value, or undefined for none. */
function field(name, label, control, { help, optional, read }) {
  const id = freshId("field");
  const helpId = `${id}-help`;
  const faultId = `${id}-fault`;
  const fault = el("p", { id: faultId, class: "fault", hidden: true });
  control.id = id;
  const describedBy = help ? `${helpId} ${faultId}` : faultId;
  control.setAttribute("aria-describedby", describedBy);
  const element = el(
    "div",
    { class: "field" },
    el("label", { for: id }, label, optional && el("span", { class: "muted small" }, " (optional)")),
    control,
    help && el("p", { id: helpId, class: "help" }, prose(help)),
    fault,
  );
  return {
    name,
    element,
    control,
    read,
    fault: (message) => {
      fault.replaceChildren(...prose(message ?? ""));
      fault.hidden = !message;
      control.setAttribute("aria-invalid", message ? "true" : "false");
    },
  };
}

/** A line of text. Without any it is left out, or `blank` where that is given. */
export function text(name, label, { value = "", secret, example, blank, list, ...rest } = {}) {
  const suggestions = list && el("datalist", { id: freshId("list") }, list.map(([value, label]) => el("option", { value, label })));
  const control = el("input", {
    type: secret ? "password" : "text",
    autocomplete: secret ? "new-password" : "off",
    autocapitalize: "none",
    spellcheck: "false",
    list: suggestions?.id,
    placeholder: example ? `such as ${example}` : undefined,
    value,
  });
  const made = field(name, label, control, { ...rest, read: () => control.value.trim() || blank });
  if (suggestions) made.element.append(suggestions);
  return made;
}

/** One of several values; options are values with their labels. `as` makes of the chosen one what the API takes. */
export function choice(name, label, options, { value = "", blank, as = String, ...rest } = {}) {
  const control = el("select", {}, options.map(([value, label]) => el("option", { value }, label)));
  control.value = value;
  return field(name, label, control, { ...rest, read: () => (control.value === "" ? blank : as(control.value)) });
}

/** A moment, as the clock on the wall shows it. */
export function moment(name, label, { value, blank, ...rest } = {}) {
  const control = el("input", { type: "datetime-local", value: value ? local(new Date(value)) : "" });
  return field(name, label, control, {
    ...rest,
    read: () => {
      if (control.validity.badInput) throw new Fault("expected a day and a time");
      return control.value ? new Date(control.value).toISOString() : blank;
    },
  });
}

function local(date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** An object as JSON. */
export function json(name, label, { value = {}, ...rest } = {}) {
  const control = el("textarea", { rows: "4", spellcheck: "false" });
  control.value = Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : "";
  return field(name, label, control, {
    ...rest,
    read: () => {
      if (control.value.trim() === "") return {};
      try {
        return JSON.parse(control.value);
      } catch (error) {
        throw new Fault(`is no JSON: ${error.message}`);
      }
    },
  });
}

/** Yes or no. */
export function yes(name, label, { value = false, help } = {}) {
  const control = el("input", { type: "checkbox" });
  control.checked = value;
  const made = field(name, label, control, { help, read: () => control.checked });
  const shown = made.element.querySelector("label");
  made.element.prepend(el("div", { class: "option" }, control, shown));
  return made;
}

/** Some of several words; none of them stands for all, which is `blank`. Options are words with what they are, in groups. */
export function words(name, label, groups, { value = [], help, blank }) {
  const faultId = freshId("fault");
  const fault = el("p", { id: faultId, class: "fault", hidden: true });
  const boxes = [];
  const option = ([word, about]) => {
    const id = freshId("word");
    const control = el("input", { id, type: "checkbox", value: word });
    control.checked = value.includes(word);
    boxes.push(control);
    return el("div", { class: "option" }, control, el("label", { for: id, class: "option", title: about }, word));
  };
  const shown = groups
    .filter(({ options }) => options.length > 0)
    .map(({ title, options }) => {
      const list = el("div", { class: "options" }, options.map(option));
      const chosen = options.some(([word]) => value.includes(word));
      return title ? el("details", { open: chosen }, el("summary", {}, `${title} (${options.length})`), list) : list;
    });
  const element = el(
    "fieldset",
    { "aria-describedby": faultId },
    el("legend", {}, label),
    help && el("p", { class: "help" }, help),
    shown,
    fault,
  );
  return {
    name,
    element,
    control: boxes[0],
    read: () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      return chosen.length > 0 ? chosen : blank;
    },
    fault: (message) => {
      fault.replaceChildren(...prose(message ?? ""));
      fault.hidden = !message;
    },
  };
}

/** Fields that are shown in place of each other: the form reads those of the chosen option only. */
export function alternatives(label, options) {
  const group = el("div", { class: "group" });
  let chosen = options[0];
  const show = () => group.replaceChildren(...elements(chosen.fields));
  const radio = (option) => {
    const id = freshId("way");
    const chose = () => {
      chosen = option;
      show();
    };
    const control = el("input", { id, type: "radio", name: label, checked: option === chosen, change: chose });
    return el("div", { class: "option" }, control, el("label", { for: id, class: "option" }, option.label));
  };
  const choices = options.length > 1 && el("fieldset", {}, el("legend", {}, label), options.map(radio));
  show();
  return {
    element: el("div", { class: "group" }, choices, group),
    chosen: () => chosen,
    fields: () => flat(chosen.fields),
  };
}

/** Fields that few people need. */
export function folded(label, fields) {
  const box = el("details", {}, el("summary", {}, label), el("div", { class: "group" }, elements(fields)));
  return { element: box, fields: () => flat(fields), open: () => (box.open = true) };
}

const elements = (fields) => fields.map((field) => field.element);
const flat = (fields) => fields.flatMap((field) => (field.fields ? field.fields() : [field]));

/** Values by dotted names, as an object of objects. */
function nested(values) {
  const whole = {};
  for (const [name, value] of values) {
    const path = name.split(".");
    const last = path.pop();
    let at = whole;
    for (const part of path) at = at[part] ??= {};
    at[last] = value;
  }
  return whole;
}

/** The field that a fault of the API is about: itself, or the one it is inside of. */
function concerned(fields, place) {
  const inside = (field) => place === field.name || place.startsWith(`${field.name}.`) || place.startsWith(`${field.name}[`);
  return fields.filter(inside).sort((one, other) => other.name.length - one.name.length)[0];
}

/** A row of fields that narrow a list. */
export const filters = (fields, send) => form(fields, "Filter", send, { kind: "row", submitKind: "" });

/**
 * A form. `send` gets the values as an object; what it throws is shown at the fields it is about, or above them. `cancel`
 * adds a second button.
 */
export function form(fields, label, send, { cancel, kind = "fields", submitKind = "primary" } = {}) {
  const alerts = el("div", { class: "alerts", hidden: true });
  const submit = el("button", { class: submitKind }, label);
  const buttons = el("div", { class: "actions" }, submit, cancel && button("Cancel", cancel));
  const tell = (error) => {
    const known = flat(fields);
    const problems = error instanceof Refusal ? error.problems : [];
    const elsewhere = problems.filter(({ field, message }) => {
      const about = concerned(known, field);
      about?.fault(told(field.slice(about.name.length), message));
      return !about;
    });
    const general = problems.length === 0 ? error.message : elsewhere.map(({ field, message }) => told(field, message)).join("; ");
    if (general) {
      alerts.replaceChildren(alertOf(new Error(general)));
      alerts.hidden = false;
    }
    for (const field of fields) if (field.open && field.fields().some(isFaulty)) field.open();
    known.find(isFaulty)?.control.focus();
  };
  const submitted = async (event) => {
    event.preventDefault();
    alerts.hidden = true;
    const known = flat(fields);
    known.forEach((field) => field.fault());
    const values = collected(known);
    if (!values) return known.find(isFaulty)?.control.focus();
    await busily(submit, () => send(nested(values))).catch(tell);
  };
  return el("form", { class: kind, novalidate: true, submit: submitted }, alerts, elements(fields), buttons);
}

const isFaulty = (field) => !field.element.querySelector(".fault").hidden;

/** What is in the fields; nothing if one of them has a fault. */
function collected(fields) {
  const values = [];
  let good = true;
  for (const field of fields) {
    try {
      const value = field.read();
      if (value !== undefined) values.push([field.name, value]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      field.fault(capital(error.message));
      good = false;
    }
  }
  return good && values;
}

/** A fault; `inner` is where in the field it is. */
function told(inner, message) {
  const place = inner.replace(/^\./, "");
  return place === "" ? capital(message) : `\`${place}\`: ${message}`;
}
