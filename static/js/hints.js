/* Why and whither a score goes, beside the row that is pointed at or has the focus. [data-hints] on a list names the
   address that explains all its leads at once, data-hint on a link in a row the lead; without scripts, without a mouse
   and on a phone that link leads to the whole explanation. Escape hides it; the pointer may rest on it. */
(() => {
  "use strict";
  const POINTED = 450;
  const LEFT = 150;
  let known = new Map();
  let asked = null;
  let timer = 0;
  let shown = null;
  let turn = 0;

  const box = () => {
    let hint = document.getElementById("hint");
    if (!hint) {
      hint = document.createElement("div");
      hint.id = "hint";
      hint.className = "hint";
      hint.setAttribute("role", "tooltip");
      hint.hidden = true;
      document.body.append(hint);
    }
    return hint;
  };

  const hide = () => {
    window.clearTimeout(timer);
    if (!shown) return;
    for (const one of document.querySelectorAll("[aria-describedby=hint]")) one.removeAttribute("aria-describedby");
    box().hidden = true;
    shown = null;
  };

  /* The row is left: words that are still on their way are not wanted any more. */
  const leave = () => {
    turn += 1;
    hide();
  };

  const fetchAll = (list) => {
    const ids = [...list.querySelectorAll("[data-hint]")].map((one) => one.dataset.hint);
    asked = asked || fetch(`${list.dataset.hints}?ids=${ids.join(",")}`, { headers: { "X-Requested-With": "fetch" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((html) => {
        const page = new DOMParser().parseFromString(html, "text/html");
        known = new Map([...page.querySelectorAll("[data-hint-of]")].map((one) => [one.dataset.hintOf, one.innerHTML]));
      })
      .catch(() => { asked = null; });
    return asked;
  };

  const show = async (anchor, describes) => {
    const list = anchor.closest("[data-hints]");
    const mine = turn;
    await fetchAll(list);
    const html = known.get(anchor.dataset.hint);
    if (mine !== turn || !html || !anchor.isConnected || document.querySelector("dialog[open]")) return;
    const hint = box();
    hint.innerHTML = html; // drawn and escaped by our own server
    hint.hidden = false;
    shown = anchor.closest("tr, li");
    if (describes) describes.setAttribute("aria-describedby", "hint");
    const place = anchor.getBoundingClientRect();
    // Beside the score, so that the pointer can go down the column from one to the next.
    const beside = place.right + 12 + hint.offsetWidth < window.innerWidth;
    const top = beside ? place.top - 12 : place.bottom + 6;
    hint.style.left = `${beside ? place.right + 12 : Math.max(8, window.innerWidth - hint.offsetWidth - 12)}px`;
    hint.style.top = `${Math.max(8, Math.min(top, window.innerHeight - hint.offsetHeight - 8))}px`;
  };

  const rowOf = (target) => (target.closest ? target.closest("[data-hints] tr, [data-hints] li") : null);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (event.target.closest("#hint")) {
      window.clearTimeout(timer);
      return;
    }
    const row = rowOf(event.target);
    if (row && row === shown) {
      window.clearTimeout(timer);
      return;
    }
    window.clearTimeout(timer);
    const anchor = row && !event.target.closest(".acts") && row.querySelector("[data-hint]");
    timer = window.setTimeout(() => {
      leave();
      if (anchor) show(anchor);
    }, anchor ? POINTED : LEFT);
  });

  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (!row || !event.target.matches(":focus-visible")) return;
    const anchor = row.querySelector("[data-hint]");
    leave();
    if (anchor) show(anchor, event.target);
  });
  document.addEventListener("focusout", leave);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener("leadcrm:changed", () => { asked = null; });
})();
