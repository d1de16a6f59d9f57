/* Rows of a form that stand in an order: [data-ordered] holds them as [data-move]. Moved by buttons ([data-shift]), by
   Alt with an arrow, or dragged (reorder.js); then numbered as they stand. Without scripts the numbers are typed. */
(() => {
  "use strict";
  const rows = (list) => [...list.querySelectorAll(":scope > [data-move]")];

  const number = (list) => {
    rows(list).forEach((row, at) => {
      row.querySelector("[name$=-place]").value = at + 1;
      row.setAttribute("aria-label", `Field ${at + 1}`);
    });
  };

  for (const list of document.querySelectorAll("[data-ordered]")) {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-shift]");
      if (!button) return;
      const all = rows(list);
      const row = button.closest("[data-move]");
      const to = all.indexOf(row) + Number(button.dataset.shift);
      if (to >= 0 && to < all.length) {
        list.insertBefore(row, Number(button.dataset.shift) < 0 ? all[to] : all[to].nextElementSibling);
        number(list);
        document.dispatchEvent(new CustomEvent("leadcrm:tell", { detail: { words: `Now field ${to + 1}.` } }));
      }
      button.focus();
    });
    list.addEventListener("reordered", () => number(list));
    list.classList.add("moves");
    number(list);
  }
})();
