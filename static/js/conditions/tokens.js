/* Several values: each with a button that takes it away, and a field that adds one. */
import { combobox } from "./combobox.js";
import { h } from "./dom.js";

export function tokens({ editor, node, field, label, set, look, nameOf, keep }) {
  const box = h("span", { class: "tokens", role: "group", "aria-label": label });
  const list = () => (Array.isArray(node.value) ? node.value : []);
  const draw = () => {
    for (const old of box.querySelectorAll(".token")) old.remove();
    box.prepend(...list().map((value) => h("span", { class: "token" }, nameOf(value), h("button", {
      type: "button", "aria-label": `Take away ${nameOf(value)}`, text: "×", on: { click: () => drop(value) },
    }))));
  };
  const add = (value, name) => {
    keep(value, name);
    if (!list().includes(value)) set([...list(), value]);
    draw();
    editor.say(`${name} added.`);
  };
  const drop = (value) => {
    set(list().filter((each) => each !== value));
    draw();
    box.querySelector("[data-part=value]").focus();
    editor.say(`${nameOf(value)} taken away.`);
  };
  const enter = (text, found) => {
    const same = found.find(([, name]) => name.toLowerCase() === text.toLowerCase());
    if (same) add(...same);
    else if (field.type === "text") add(text, text);
    return Boolean(same) || field.type === "text";
  };
  const more = async (words) => (await look(words)).filter(([value]) => !list().includes(value));
  const adding = combobox({ label: `Add to ${label.toLowerCase()}`, look: more, choose: add, enter });
  const input = adding.querySelector("input");
  input.placeholder = "add…";
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value && !event.altKey && list().length) drop(list().at(-1));
  });
  input.addEventListener("change", () => {
    if (input.value.trim() && field.type === "text") enter(input.value.trim(), []);
    input.value = "";
  });
  box.append(adding);
  draw();
  return { box, draw };
}
