/* What the condition means, beside it: whom it meets, the sentence, a few of them. */
import { h } from "./dom.js";

export class Aside {
  constructor(box) {
    this.box = box.closest("[data-condition-part]")?.querySelector("[data-condition-aside]") || null;
    this.line = box.querySelector("[data-condition-said]");
    if (this.box) {
      this.box.hidden = false;
      this.line.hidden = true;
      this.how = this.part("how");
    } else {
      this.how = h("details", { class: "how small", hidden: true });
      this.line.after(this.how);
    }
    this.how.replaceChildren(h("summary"), h("p"));
  }

  part(name) {
    return this.box.querySelector(`[data-condition-${name}]`);
  }

  waiting() {
    if (this.box) this.box.setAttribute("aria-busy", "true");
  }

  /* `found` as the preview answers; `refining`: an exact count was asked for and is not there yet. */
  show(found, refining) {
    const { count, noun, says } = found;
    this.explain(found, refining);
    if (!this.box) {
      this.line.textContent = count.number === null ? `${says}.` : `Meets ${count.words} ${noun}. ${says}.`;
      return;
    }
    this.box.removeAttribute("aria-busy");
    this.part("count").textContent = count.number === null ? "–" : count.words;
    this.part("noun").textContent = count.number === null ? `${noun}: ${count.words}` : `${noun} now`;
    this.part("says").textContent = `${says}.`;
    this.part("examples").replaceChildren(...this.examples(found));
  }

  /* How the number was found, in a word; on click, in sentences. */
  explain({ count, seconds }, refining) {
    const found = count.number === null ? "slow to count" : "from a sample";
    const words = count.exact ? `exact, in ${seconds} s` : refining ? `${found}; counting on…` : found;
    const [summary, method] = this.how.children;
    this.how.hidden = false;
    this.how.classList.toggle("counting", refining && !count.exact);
    summary.textContent = words;
    method.textContent = count.exact || refining ? count.method : `${count.method} Counting every one takes too long to wait for.`;
  }

  examples({ examples, count }) {
    if (!examples.length) {
      const none = count.exact ? "Nobody. Loosen a condition." : count.number === null ? "None found yet." : "None in the sample: it meets few.";
      return [h("li", { class: "quiet" }, h("span", { text: none }))];
    }
    return examples.map(({ name, remark, url }) => {
      const who = url ? h("a", { class: "link", href: url, text: name, target: "_blank", rel: "noopener" }) : h("strong", { text: name });
      return h("li", {}, h("span", {}, who, h("br"), h("span", { class: "quiet small", text: remark })));
    });
  }

  problem(words) {
    this.how.hidden = true;
    if (!this.box) {
      this.line.textContent = words;
      return;
    }
    this.box.removeAttribute("aria-busy");
    this.part("count").textContent = "–";
    this.part("noun").textContent = words;
    this.part("says").textContent = "";
    this.part("examples").replaceChildren();
  }
}
