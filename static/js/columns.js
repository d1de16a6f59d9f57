/* The order of columns: buttons, or Alt with an arrow, move a line of [data-columns]. */
(() => {
  "use strict";
  const move = (line, step, focused) => {
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    focused.focus(); // what is moved in the document loses it
    line.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-columns] [data-step]");
    if (!button) return;
    event.preventDefault(); // without scripts it asks for the page again
    move(button.closest("li"), Number(button.dataset.step), button);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const line = event.target.closest && event.target.closest("[data-columns] > li");
    if (!line) return;
    event.preventDefault();
    move(line, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
})();
