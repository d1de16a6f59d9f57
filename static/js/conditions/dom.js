/* Elements in one line: h("button", { class: "btn", text: "Add", on: { click } }, child, ...). Inputs belong to no form:
   the textarea behind the editor is what is sent. */
const CONTROLS = ["input", "select"];

export function h(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  if (CONTROLS.includes(tag)) element.setAttribute("form", "no-form");
  for (const [name, value] of Object.entries(options)) {
    if (name === "on") for (const [event, does] of Object.entries(value)) element.addEventListener(event, does);
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const option = (value, label, chosen) => {
  const made = h("option", { text: label, selected: String(value) === String(chosen) });
  made.value = value;
  return made;
};

/* A choice; `groups`: [heading, pairs] ("" for none). */
export function select(label, part, groups, chosen, change) {
  const box = h("select", { "aria-label": label, "data-part": part, on: { change: () => change(box.value) } });
  for (const [heading, pairs] of groups) {
    const inner = pairs.map(([value, words]) => option(value, words, chosen));
    box.append(...(heading ? [h("optgroup", { label: heading }, ...inner)] : inner));
  }
  return box;
}

export function number(label, part, value, change, more = {}) {
  const box = h("input", {
    type: "number", "aria-label": label, "data-part": part, inputmode: "numeric", class: "short", ...more,
    on: { input: () => change(box.value === "" ? null : Number(box.value)) },
  });
  if (value !== null && value !== undefined) box.value = value;
  return box;
}
