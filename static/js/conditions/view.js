/* The tree as drawn: groups (all, any or none of these hold) as lists of rows, each with a handle and a menu. */
import { h } from "./dom.js";
import { inputsOf } from "./row.js";

const KINDS = ["all", "any", "none"];
const DOES = [
  ["Copy", "copy", "Ctrl C"], ["Paste below", "paste", "Ctrl V"], ["Duplicate", "duplicate", ""], ["Up", "up", "Alt ↑"],
  ["Down", "down", "Alt ↓"], ["Into a group", "right", "Alt →"], ["Out of the group", "left", "Alt ←"], ["Remove", "remove", "Alt Del"],
];

export class View {
  constructor(editor) {
    this.editor = editor;
  }

  /* `context`: vocabulary, place, words (what follows all, any, none). */
  group(node, context) {
    const { editor } = this;
    const rows = h("ol", { class: "rows" });
    node.children.forEach((child, index) => rows.append(this.row(child, node, index, context)));
    const add = (kind, label) => h("button", {
      type: "button", class: "add", "data-add": kind, text: label, on: { click: () => editor.add(node.id, kind) },
    });
    return h(
      "div", { class: "group", "data-node": node.id, role: "group", "aria-label": `${node.kind} ${context.words}` },
      h("div", { class: "group-head" }, this.kinds(node), h("span", { text: context.words }), h("span", { class: "grow" }), h("span", { class: "n num" })),
      rows,
      h("p", { class: "problem", hidden: true }),
      h("div", { class: "adds" }, add("row", "Add condition"), add("group", "Add group")),
    );
  }

  kinds(node) {
    const { editor } = this;
    const seg = h("span", { class: "seg", role: "radiogroup", "aria-label": "How many of these must hold" });
    for (const kind of KINDS) {
      const radio = h("input", { type: "radio", name: `${editor.name}-${node.id}`, "data-part": "kind", checked: node.kind === kind });
      radio.addEventListener("change", () => editor.setKind(node, kind));
      seg.append(h("label", {}, radio, h("span", { text: kind })));
    }
    return seg;
  }

  row(node, parent, index, context) {
    const { editor } = this;
    const item = h("li", { "data-node": node.id, class: node.type === "group" ? "row nested" : "row" });
    const place = `${index + 1} of ${parent.children.length}`;
    const what = node.type === "group" ? "Group" : "Condition";
    const grip = h("button", {
      type: "button", class: "grip", "data-part": "grip", "aria-label": `${what} ${place}: move with Alt and arrows`,
      title: "Drag, or Alt and arrows", "aria-describedby": `${editor.name}-keys`,
    }, h("span", { "aria-hidden": "true", text: "⠿" }));
    if (node.type === "group") {
      const inner = this.group(node, { ...context, words: "of these hold" });
      inner.removeAttribute("data-node");
      inner.querySelector(".group-head").prepend(grip);
      inner.querySelector(".group-head").append(this.menu(node, `group ${place}`));
      item.append(inner);
      return item;
    }
    const { head, below } = inputsOf(editor, node, context);
    item.append(
      h("div", { class: "cond", role: "group", "aria-label": `Condition ${place}` }, grip, ...head, h("span", { class: "n num" }), this.menu(node, `condition ${place}`)),
      h("p", { class: "problem", hidden: true }),
      below,
    );
    return item;
  }

  menu(node, name) {
    const { editor } = this;
    const menu = h("details", { class: "menu" }, h("summary", { "aria-label": `More about ${name}`, "data-part": "menu" }, "⋯"));
    menu.append(h("div", {}, ...DOES.map(([label, does, key]) => h("button", {
      type: "button", on: { click: () => { menu.open = false; editor.does(does, node.id); } },
    }, label, h("span", { class: "grow" }), key ? h("kbd", { text: key }) : null))));
    return menu;
  }

  /* What each node meets, and what is wrong with one, in place: nothing is drawn anew. */
  mark({ counts = {}, places = new Map(), problem = null }) {
    const box = this.editor.tree;
    for (const each of box.querySelectorAll(".n")) each.textContent = "";
    for (const each of box.querySelectorAll(".problem")) each.hidden = true;
    for (const each of box.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    for (const [path, words] of Object.entries(counts)) {
      const item = path && box.querySelector(`[data-node="${places.get(path)}"]`);
      const count = item && item.querySelector(".n");
      if (count) count.textContent = words;
    }
    if (problem) this.markProblem(problem, places);
  }

  markProblem({ path, problem, expected }, places) {
    const steps = (path || "").split(".");
    while (steps.length && !places.has(steps.join("."))) steps.pop();
    const node = this.editor.tree.querySelector(`[data-node="${places.get(steps.join("."))}"]`) || this.editor.tree.firstElementChild;
    const words = node.querySelector(".problem");
    words.textContent = `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. Expected: ${expected}.`;
    words.hidden = false;
    words.id ||= `${this.editor.name}-${places.get(steps.join("."))}-problem`;
    const input = ["value", "count", "what"].map((part) => node.querySelector(`.cond [data-part=${part}]`)).find(Boolean);
    if (!input || node.matches(".group, .nested")) return;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", words.id);
  }
}

