/* The editor of conditions: enhances the textarea of a ConditionField (leads/condition_field.py), which stays behind it
   as the text view and is what the form sends. Everything it does is also in a menu, and undone by Ctrl Z. */
import * as clipboard from "./clipboard.js";
import { h } from "./dom.js";
import * as drag from "./drag.js";
import { History } from "./history.js";
import { KEYS, listen as listenToKeys } from "./keys.js";
import { Meaning } from "./meaning.js";
import { blank, group, nodeOf, rootOf, treeOf } from "./model.js";
import { find, insertAfter, move, moveTo, remove } from "./moves.js";
import { Server } from "./server.js";
import { choosePlace, placeIn } from "./text.js";
import { View } from "./view.js";

const MOVED = { up: "up", down: "down", left: "out of the group", right: "into a group" };

class Editor {
  constructor(box) {
    this.box = box;
    this.area = box.querySelector("textarea");
    this.name = this.area.id || this.area.name;
    this.server = new Server(box);
    this.meaning = new Meaning(this);
    this.view = new View(this);
    this.names = new Map();
    this.isText = false;
  }

  async start() {
    const known = await this.server.vocabulary();
    if (!known?.vocabulary) return;
    this.vocabulary = known.vocabulary;
    this.operators = known.operators;
    this.periods = known.periods;
    this.draw();
    const read = await this.server.read({ text: this.area.value });
    this.root = rootOf(read.tree || this.typed());
    this.history = new History(this.root);
    if (read.error && !this.typed()) this.showText(read);
    else this.render();
    this.meaning.ask();
  }

  /* What is typed, if it is JSON: it can be drawn although the server refuses it. */
  typed() {
    try {
      return JSON.parse(this.area.value);
    } catch {
      return null;
    }
  }

  draw() {
    const button = (label, does) => h("button", { type: "button", class: "btn", text: label, on: { click: does } });
    this.undo = button("Undo", () => this.step(-1));
    this.redo = button("Redo", () => this.step(1));
    this.toggle = button("Text view", () => (this.isText ? this.showTree() : this.showText()));
    this.tree = h("div", { class: "tree" });
    this.said = h("p", { class: "hidden-visually", role: "status", "aria-live": "polite" });
    this.doing = h("span", { class: "grow doing small quiet", "aria-hidden": "true" });
    this.wrong = h("p", { class: "problem", role: "alert", hidden: true, id: `${this.name}-wrong` });
    const keys = h("p", { class: "keys small quiet", id: `${this.name}-keys` });
    for (const [key, does] of KEYS) keys.append(h("span", {}, h("kbd", { text: key }), ` ${does}`));
    const bar = h("div", { class: "tools", role: "toolbar", "aria-label": "Condition" }, this.undo, this.redo, this.doing, this.toggle);
    this.area.hidden = true;
    this.area.required = false; // the server says it where it can be seen
    this.area.before(bar, this.tree);
    this.area.after(this.wrong, keys, this.said);
    this.keys = keys;
    this.area.addEventListener("input", () => this.later());
    listenToKeys(this);
    clipboard.listen(this);
    drag.listen(this);
  }

  render(focus = null) {
    const held = focus || this.held();
    const words = "of these hold";
    this.tree.replaceChildren(this.view.group(this.root, { vocabulary: this.vocabulary, place: [], words }));
    this.undo.disabled = !this.history.canUndo;
    this.redo.disabled = !this.history.canRedo;
    this.focus(held);
  }

  held() {
    const active = document.activeElement;
    if (!this.tree.contains(active)) return null;
    return { id: active.closest("[data-node]")?.dataset.node, part: active.dataset.part };
  }

  focus(place) {
    if (!place?.id) return;
    const node = this.tree.querySelector(`[data-node="${place.id}"]`);
    const inside = node || this.tree;
    (inside.querySelector(`[data-part="${place.part}"]`) || inside.querySelector("[data-part], .add"))?.focus();
  }

  node(id) {
    return find(this.root, id).node;
  }

  /* Said to who sees and to who listens. */
  say(words) {
    this.doing.textContent = words;
    this.tell(words);
  }

  tell(words) {
    this.said.textContent = words;
  }

  /* A value, an operator or a kind was changed where it stands. */
  changed(key) {
    this.history.push(this.root, key);
    this.undo.disabled = !this.history.canUndo;
    this.redo.disabled = !this.history.canRedo;
    this.later();
  }

  /* The shape of the tree was changed: it is drawn anew, the focus goes where `focus` says. */
  reshaped(words, focus) {
    this.history.push(this.root);
    this.render(focus);
    this.say(words);
    this.later();
  }

  setKind(node, kind) {
    node.kind = kind;
    this.changed(`${node.id}.kind`);
  }

  add(id, kind) {
    const fresh = kind === "group" ? group("any", [blank()]) : blank();
    const first = kind === "group" ? fresh.children[0] : fresh;
    const { node } = find(this.root, id);
    const inside = node.type === "group" && !document.activeElement.matches("input, select");
    if (inside) node.children.push(fresh);
    else insertAfter(this.root, id, fresh);
    this.reshaped(kind === "group" ? "Group added." : "Condition added.", { id: first.id, part: "what" });
  }

  insert(id, node, words) {
    insertAfter(this.root, id, node);
    this.reshaped(words, { id: node.id, part: "grip" });
  }

  does(what, id) {
    if (what === "copy") return clipboard.copy(this, id);
    if (what === "paste") return clipboard.pasteFromMenu(this, id);
    if (what === "duplicate") return this.insert(id, nodeOf(treeOf(this.node(id)).tree), "Duplicated.");
    if (what === "remove") return this.removed(id);
    const held = this.held();
    if (!move(this.root, id, what)) return this.say("It cannot go there.");
    return this.reshaped(`Moved ${MOVED[what]}.`, held?.id ? held : { id, part: "grip" });
  }

  removed(id) {
    const { parent, index } = find(this.root, id);
    remove(this.root, id);
    const next = parent.children[index] || parent.children[index - 1] || parent;
    this.reshaped("Removed. Ctrl Z brings it back.", { id: next.id, part: "grip" });
  }

  drop(id, target, where) {
    if (!moveTo(this.root, id, target, where)) return this.say("It cannot go there: other records are asked there.");
    return this.reshaped("Moved.", { id, part: "grip" });
  }

  step(by) {
    const state = this.history.step(by);
    if (!state) return this.say(by < 0 ? "Nothing to undo." : "Nothing to redo.");
    this.root = state;
    this.render();
    this.later();
    return this.say(by < 0 ? "Undone." : "Done again.");
  }

  showText(refused = null) {
    this.isText = true;
    this.tree.hidden = this.keys.hidden = this.undo.hidden = this.redo.hidden = true;
    this.area.hidden = false;
    this.toggle.textContent = "Tree view";
    if (!refused) this.area.focus();
    else this.refuse(refused);
  }

  /* Back to the tree, if what is typed is a condition. */
  async showTree() {
    const text = this.area.value;
    const read = await this.server.read({ text });
    if (!this.isText || this.area.value !== text) return; // it was typed on: nothing of that is taken away
    if (read.error) {
      this.refuse(read);
      choosePlace(this.area, placeIn(this.area.value, read));
      return;
    }
    this.isText = false;
    this.tree.hidden = this.keys.hidden = this.undo.hidden = this.redo.hidden = false;
    this.area.hidden = this.wrong.hidden = true;
    this.toggle.textContent = "Text view";
    if (JSON.stringify(read.tree) !== JSON.stringify(treeOf(this.root).tree)) this.root = rootOf(read.tree);
    this.history.push(this.root);
    this.render();
    this.toggle.focus();
    this.meaning.ask();
  }

  refuse({ message }) {
    this.wrong.textContent = message;
    this.wrong.hidden = false;
    this.area.setAttribute("aria-invalid", "true");
    this.area.setAttribute("aria-describedby", this.wrong.id);
  }

  /* The form would send this at once; what it means is asked when nothing was changed for a moment. */
  later() {
    if (!this.isText) {
      const { tree } = treeOf(this.root);
      this.area.value = Object.keys(tree).length ? JSON.stringify(tree) : "";
    }
    this.meaning.later();
  }

  /* The server has read it. */
  accept({ tree, text }) {
    if (!this.isText) this.area.value = Object.keys(tree).length ? text : "";
    this.wrong.hidden = true;
    this.area.removeAttribute("aria-invalid");
  }
}

function enhance(part) {
  for (const box of part.querySelectorAll("[data-condition]:not([data-enhanced])")) {
    if (box.closest(".empty-form")) continue; // what the admin copies for every further row
    box.dataset.enhanced = "yes";
    new Editor(box).start();
  }
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
document.addEventListener("formset:added", (event) => enhance(event.target));
