/* What the condition means: asked when nothing was changed for a moment, shown at once, then counted exactly. */
import { Aside } from "./aside.js";
import { treeOf } from "./model.js";

const WAIT_MS = 200;
const REFINE_MS = 400;
const BUSY_MS = 1500;

export class Meaning {
  constructor(editor) {
    this.editor = editor;
    this.aside = new Aside(editor.box);
    this.turn = 0;
    this.first = null;
  }

  later() {
    this.turn += 1;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.refining);
    this.aside.waiting();
    this.timer = window.setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask(refine = false) {
    const { editor, turn } = this;
    const { tree, places } = editor.isText ? { places: new Map() } : treeOf(editor.root);
    const found = await editor.server.preview({ ...(editor.isText ? { text: editor.area.value } : { tree }), refine });
    if (!found || turn !== this.turn) return; // it was changed meanwhile: this answer is about what was before
    if (found.busy) this.refineIn(BUSY_MS);
    else if (found.error) this.refused(found, places);
    else this.understood(found, places, refine);
  }

  refused(found, places) {
    const { editor } = this;
    const marked = found.path !== undefined;
    this.aside.problem(marked ? "Not finished yet: see what is marked." : found.message);
    if (editor.isText) editor.refuse(found);
    else if (marked) editor.view.mark({ problem: found, places });
  }

  understood(found, places, refine) {
    const { editor } = this;
    editor.accept(found);
    const unknown = refine && found.count.number === null && this.first;
    const nodes = refine && this.first ? { ...this.first.nodes, ...found.nodes } : found.nodes;
    const shown = unknown ? { ...found, nodes, count: this.first.count, examples: this.first.examples } : { ...found, nodes };
    if (!editor.isText) editor.view.mark({ counts: shown.nodes, places });
    const { count, noun } = shown;
    const more = !refine && !found.complete;
    this.aside.show(shown, more);
    this.first = shown;
    if (more) this.refineIn(REFINE_MS);
    if (count.number !== null && (count.exact || !more)) editor.tell(`Meets ${count.words} ${noun}.`);
  }

  refineIn(milliseconds) {
    this.refining = window.setTimeout(() => this.ask(true), milliseconds);
  }
}
