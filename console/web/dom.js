// The only place that makes elements. What callers and models wrote becomes text, never markup.

/**
 * Makes an element.
 *
 * @param {string} name of the element
 * @param {object} attributes by name; `null` and `false` are left out, and `on` has listeners by event
 * @param {...(Node|string|null|Array)} children texts and nodes, in order; `null` is left out
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(key, value === true ? "" : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** The element with this ID. */
export const byId = (id) => document.getElementById(id);

/** A moment, as `<time>` in the reader's zone. */
export function time(text, shown) {
  return element("time", { datetime: text, title: text }, shown);
}

/** The values of a form's fields that are not empty, by name. */
export function values(form) {
  const entries = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

/** Sets the fields of a form: those without a value become empty. */
export function fill(form, entries) {
  for (const field of form.elements) {
    if (field.type === "checkbox") {
      field.checked = entries[field.name] === field.value;
    } else if (field.name) {
      field.value = entries[field.name] ?? field.dataset.initial ?? "";
    }
  }
}
