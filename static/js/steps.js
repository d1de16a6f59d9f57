/* The steps of a segment as rows of its form: moved by buttons or dragged (reorder.js), numbered as they stand, and
   drawn below as the flow they make. Without scripts the numbers are typed. */
(() => {
  "use strict";
  const list = document.querySelector("[data-steps]");
  if (!list) return;
  const flow = document.getElementById("steps-flow");
  const begins = list.dataset.steps;
  const rows = () => [...list.querySelectorAll(":scope > [data-move]")];
  const chosen = (select) => select.selectedOptions[0].textContent;

  const piece = (words, kind) => {
    const made = document.createElement("span");
    made.className = kind;
    made.textContent = words;
    return made;
  };

  const draw = () => {
    const made = begins ? [[null, begins]] : [];
    for (const row of rows()) {
      const [how, segment] = row.querySelectorAll("select");
      if (segment.value) made.push([how, chosen(segment)]);
    }
    flow.hidden = made.length < 2;
    flow.replaceChildren(...made.map(([how, name], place) => {
      const item = document.createElement("li");
      if (place && how) item.append(piece(chosen(how), "op"), " ");
      item.append(piece(name, place && how.value === "except" ? "chip except" : "chip"), " ");
      return item;
    }));
  };

  const number = () => {
    rows().forEach((row, place) => {
      row.querySelector("[name$=-ORDER]").value = place + 1;
      row.setAttribute("aria-label", `Step ${place + 1}`);
    });
    draw();
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shift]");
    if (!button) return;
    const all = rows();
    const row = button.closest("[data-move]");
    const to = all.indexOf(row) + Number(button.dataset.shift);
    if (to >= 0 && to < all.length) {
      list.insertBefore(row, Number(button.dataset.shift) < 0 ? all[to] : all[to].nextElementSibling);
      number();
      document.dispatchEvent(new CustomEvent("leadcrm:tell", { detail: { words: `Now step ${to + 1}.` } }));
    }
    button.focus();
  });
  list.addEventListener("change", draw);
  list.addEventListener("reordered", number);
  list.classList.add("moves");
  number();
})();
