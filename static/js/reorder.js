/* Items dragged to another place: [data-reorder] holds items with data-move, the address that takes `to`; without an
   address they are rows of one form, and the list hears of "reordered" (steps.js). The keyboard has its own buttons,
   and Alt with an arrow on anything within an item presses them. */
(() => {
  "use strict";
  let held = null;
  const items = (list) => [...list.querySelectorAll(":scope > [data-move]")];

  /* Only the grip begins a drag, so that words can be selected. */
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-reorder] .grip");
    if (grip) grip.closest("[data-move]").draggable = true;
  });

  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest && event.target.closest("[data-reorder] > [data-move]");
    if (!item || !item.draggable) return;
    held = item;
    item.classList.add("held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });

  document.addEventListener("dragover", (event) => {
    const over = held && event.target.closest("[data-reorder] > [data-move]");
    if (!over || over.parentElement !== held.parentElement) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    const behind = event.clientY > box.top + box.height / 2;
    if (over !== held) over.parentElement.insertBefore(held, behind ? over.nextElementSibling : over);
  });

  document.addEventListener("drop", (event) => {
    if (held) event.preventDefault();
  });

  document.addEventListener("dragend", () => {
    if (!held) return;
    const item = held;
    held = null;
    item.draggable = false;
    item.classList.remove("held");
    if (!item.dataset.move) {
      item.dispatchEvent(new CustomEvent("reordered", { bubbles: true }));
      return;
    }
    const to = items(item.parentElement).indexOf(item);
    window.htmx.ajax("POST", item.dataset.move, { target: "#draft", swap: "outerHTML", values: { to } });
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const item = event.target.closest("[data-reorder] > [data-move]");
    if (!item) return;
    event.preventDefault();
    const button = item.querySelector(event.key === "ArrowUp" ? "[id^=up-]" : "[id^=down-]");
    button.focus();
    button.click();
  });
})();
