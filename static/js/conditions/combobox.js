/* A text field that offers values as one types (the ARIA combobox pattern). `look(words)` gives pairs of value and label;
   `choose(value, label)` is called for one of them, `type(text)` for what is typed where that is a value too;
   `enter(text, found)` for Enter in a field that collects several, true when it was taken. */
import { h } from "./dom.js";

let number = 0;
const WAIT_MS = 150;

export function combobox({ label, part = "value", text = "", look, choose, type = null, enter = null }) {
  const id = `condition-values-${++number}`;
  const list = h("ul", { id, role: "listbox", "aria-label": `Values: ${label}`, class: "values", hidden: true });
  const input = h("input", {
    type: "text", "aria-label": label, "data-part": part, autocomplete: "off", spellcheck: "false", maxlength: "500",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, value: text,
  });
  let timer = 0;
  let found = [];
  let at = -1;
  let settled = text;
  let turn = 0;

  const close = () => {
    window.clearTimeout(timer); // what is still to be asked for, or on its way, opens nothing any more
    turn += 1;
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    at = to;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `${id}-${at}`);
    return list.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (index) => {
    const [value, name] = found[index];
    settled = enter ? "" : name;
    input.value = settled;
    close();
    choose(value, name);
  };
  const show = async () => {
    const words = input.value;
    const mine = ++turn;
    const pairs = await look(words);
    if (mine !== turn || words !== input.value || document.activeElement !== input) return;
    const chosen = found[at]?.[0];
    found = pairs;
    list.replaceChildren(...pairs.map(([, name], index) => h("li", {
      id: `${id}-${index}`, role: "option", "aria-selected": "false", text: name,
      on: { mousedown: (event) => { event.preventDefault(); take(index); } },
    })));
    list.hidden = !pairs.length;
    input.setAttribute("aria-expanded", String(Boolean(pairs.length)));
    mark(pairs.findIndex(([value]) => value === chosen)); // Enter takes what was chosen while these were on their way
  };

  input.addEventListener("input", () => {
    if (type) type(input.value);
    window.clearTimeout(timer);
    timer = window.setTimeout(show, WAIT_MS);
  });
  input.addEventListener("focus", show);
  input.addEventListener("blur", () => {
    close();
    if (!type && !enter) input.value = settled;
  });
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" && !open) show();
    else if (event.key === "ArrowDown") mark((at + 1) % found.length);
    else if (event.key === "ArrowUp" && open) mark((at - 1 + found.length) % found.length);
    else if (event.key === "Escape" && open) close();
    else if (event.key === "Enter" && open && at >= 0) take(at);
    else if (event.key === "Enter" && enter && input.value.trim() && enter(input.value.trim(), found)) input.value = "";
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return h("span", { class: "combo" }, input, list);
}
