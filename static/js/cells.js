/* Cells of a list edited in place: a[data-cell] leads to a form of one field, which is put where the cell was. Enter or
   a click begins, Enter or leaving the field saves, Esc leaves all as it was. Arrows go from cell to cell. */
(() => {
  "use strict";
  const tell = (words) => document.dispatchEvent(new CustomEvent("leadcrm:tell", { detail: { words } }));
  const formIn = (html) => new DOMParser().parseFromString(html, "text/html").querySelector("[data-cell-form]");
  let awaited = null; // where a form is on its way to: Esc, or another cell that is begun, gives it up

  const put = (place, form) => {
    const known = document.adoptNode(form);
    place.replaceChildren(known);
    window.htmx.process(known);
    const field = known.querySelector("input:not([type=hidden]), select, textarea");
    if (!field) return;
    field.setAttribute("aria-label", known.querySelector("label, legend").textContent.trim());
    field.focus();
    if (field.select) field.select();
    known.dataset.begun = new URLSearchParams(new FormData(known)).toString();
  };

  const leave = (place) => {
    if (awaited && awaited.place === place) awaited = null;
    place.replaceChildren(place.cellBefore);
    place.classList.remove("editing");
    const link = place.querySelector("a[data-cell]");
    if (link) link.focus();
  };

  const begin = async (link) => {
    const place = link.closest("td");
    if (!place || place.classList.contains("editing")) return;
    if (awaited) awaited.place.classList.remove("editing");
    const mine = { place };
    awaited = mine;
    place.cellBefore = link;
    place.classList.add("editing");
    try {
      const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
      const form = formIn(await answer.text());
      if (mine !== awaited) return;
      if (!answer.ok || !form) throw new Error(answer.headers.get("X-Told") || "");
      awaited = null;
      put(place, form);
    } catch (error) {
      if (mine !== awaited) return;
      awaited = null;
      place.classList.remove("editing");
      const why = error.message.startsWith('"') && JSON.parse(error.message); // such as: it was closed meanwhile
      tell(why || "This cannot be edited now. Reload the list and try again.");
    }
  };

  const save = async (form, refocus) => {
    if (form.dataset.busy) return;
    const place = form.closest("td");
    form.dataset.busy = "yes";
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" },
      });
      const html = await answer.text();
      if (answer.ok && answer.headers.has("X-Told")) {
        place.innerHTML = html;
        place.classList.remove("editing");
        const link = place.querySelector("a[data-cell]");
        if (link && refocus) link.focus();
        tell(JSON.parse(answer.headers.get("X-Told")));
        document.dispatchEvent(new Event("leadcrm:changed"));
        return;
      }
      const again = formIn(html);
      if (again) put(place, again);
      else throw new Error(String(answer.status));
    } catch {
      delete form.dataset.busy; // what was typed stays
      tell("Not saved: no answer, or you may no longer edit this. What you typed is still there.");
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-cell]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      begin(link);
    }
    const cancel = event.target.closest("td.editing [data-cell-cancel]");
    if (cancel) {
      event.preventDefault();
      leave(cancel.closest("td"));
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("td.editing [data-cell-form]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    save(form, true);
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.matches("td.editing [data-cell-form] select")) save(event.target.form, true);
  });

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("td.editing [data-cell-form]");
    if (!form || form.dataset.busy || form.contains(event.relatedTarget) || !event.relatedTarget) return;
    const now = new URLSearchParams(new FormData(form)).toString();
    if (now === form.dataset.begun) leave(form.closest("td"));
    else save(form, false);
  });

  document.addEventListener("keydown", (event) => {
    const place = event.target.closest("td.editing");
    if (place) {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        leave(place);
      }
      return;
    }
    const link = event.target.closest("a[data-cell]");
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = link.closest("tr");
    const cells = [...row.querySelectorAll("a[data-cell]")];
    const at = cells.indexOf(link);
    const column = [...row.children].indexOf(link.closest("td"));
    const below = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    const next = event.key === "ArrowRight" ? cells[at + 1]
      : event.key === "ArrowLeft" ? cells[at - 1]
        : below && below.children[column] && below.children[column].querySelector("a[data-cell]");
    if (event.key === "F2") link.click();
    else if (next) next.focus();
    else return;
    event.preventDefault();
  });
})();
