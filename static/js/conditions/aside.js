/* What the condition means, beside it: whom it meets, the sentence, a few of them. */
import { h } from "./dom.js";

export class Aside {
  constructor(box) {
    this.box = box.closest("[data-condition-part]")?.querySelector("[data-condition-aside]") || null;
    this.line = box.querySelector("[data-condition-said]");
    if (this.box) {
      this.box.hidden = false;
      this.line.hidden = true;
    }
  }

  part(name) {
    return this.box.querySelector(`[data-condition-${name}]`);
  }

  waiting() {
    if (this.box) this.box.setAttribute("aria-busy", "true");
  }

  /* `found` as the preview answers; `refining`: a longer count was asked for. */
  show(found, refining) {
    const { count, noun, says, seconds } = found;
    if (!this.box) {
      this.line.textContent = `Meets ${count.words} ${noun}. ${says}.`;
      return;
    }
    this.box.removeAttribute("aria-busy");
    this.part("count").textContent = count.words;
    this.part("noun").textContent = `${noun} now`;
    this.part("how").textContent = count.exact ? `exact, ${seconds} s` : refining ? "from a sample; counting on" : "from a sample";
    this.part("says").textContent = `${says}.`;
    this.part("examples").replaceChildren(...this.examples(found));
  }

  examples({ examples, count }) {
    if (!examples.length) {
      const none = count.exact ? "Nobody. Loosen a condition." : "None in the sample: it meets few.";
      return [h("li", { class: "quiet" }, h("span", { text: none }))];
    }
    return examples.map(({ name, remark, url }) => {
      const who = url ? h("a", { class: "link", href: url, text: name, target: "_blank", rel: "noopener" }) : h("strong", { text: name });
      return h("li", {}, h("span", {}, who, h("br"), h("span", { class: "quiet small", text: remark })));
    });
  }

  problem(words) {
    if (!this.box) {
      this.line.textContent = words;
      return;
    }
    this.box.removeAttribute("aria-busy");
    this.part("count").textContent = "–";
    this.part("noun").textContent = words;
    this.part("how").textContent = "";
    this.part("says").textContent = "";
    this.part("examples").replaceChildren();
  }
}
