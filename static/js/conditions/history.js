/* Undo and redo: snapshots of the whole, those of one control within a second taken together. */
const TOGETHER_MS = 1000;

export class History {
  constructor(state) {
    this.states = [JSON.stringify(state)];
    this.at = 0;
    this.key = "";
    this.when = 0;
  }

  push(state, key = "") {
    const now = JSON.stringify(state);
    if (now === this.states[this.at]) return;
    const together = key && key === this.key && Date.now() - this.when < TOGETHER_MS && this.at > 0;
    this.states.length = this.at + (together ? 0 : 1);
    this.states.push(now);
    this.at = this.states.length - 1;
    this.key = key;
    this.when = Date.now();
  }

  /* The state one step back (-1) or forth (1), or null. */
  step(by) {
    if (this.at + by < 0 || this.at + by >= this.states.length) return null;
    this.at += by;
    this.key = "";
    return JSON.parse(this.states[this.at]);
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }
}
