/* Single keys. A template says what a key does: data-key="n" on a link or button of the page, data-row-key="a" on one
   in a row of a [data-rows] list, a[data-open] for the row's main link. They can be switched off in the help (?). */
(() => {
  "use strict";
  const SWITCH = "leadcrm:single-keys";
  const off = () => localStorage.getItem(SWITCH) === "off";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("[data-rows] a[data-open]")];

  const move = (step) => {
    const all = rows();
    const row = document.activeElement.closest("tr, li");
    const now = row ? all.indexOf(row.querySelector("a[data-open]")) : -1;
    const next = all[now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1)];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.closest("tr, li").scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new CustomEvent("leadcrm:row", { bubbles: true })); // a panel beside the list follows
  };

  const press = (key) => {
    const row = document.activeElement.closest("tr, li");
    const inRow = row && row.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
    const onPage = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const element = inRow || onPage;
    if (!element) return false;
    if (element.matches("input:not([type=checkbox]), textarea, select")) element.focus();
    else element.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || off()) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "?") document.getElementById("keys-help").showModal();
    else if (event.key.length !== 1 || !press(event.key.toLowerCase())) return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click on the veil
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || opener) menu.open = false;
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    const rail = document.querySelector(".rail");
    const here = rail && rail.querySelector("[aria-current]");
    if (here) {
      rail.scrollLeft = here.offsetLeft - 60; // on a phone the rail is a strip, wider than the screen
      const below = here.getBoundingClientRect().bottom - rail.getBoundingClientRect().bottom;
      if (below > 0) rail.scrollTop += below + 60; // elsewhere it may be longer than the window is high
    }
    const box = document.getElementById("single-keys");
    if (!box) return;
    box.checked = !off();
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  });
})();
