/* A board: cards ([data-card]) are dragged to another column ([data-column]), or moved with Shift and an arrow. The
   server decides; a card that is refused returns, and the reason is said, with the form of what is missing in place.
   A move on is posted to data-onward; one back asks for a reason by the form of data-back. Without scripts each card
   has its menu. */
(() => {
  "use strict";
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const columns = () => [...board.querySelectorAll("[data-column]")];
  const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
  const columnOf = (card) => card.closest("[data-column]");
  const tell = (words) => document.dispatchEvent(new CustomEvent("leadcrm:tell", { detail: { words } }));
  const nameOf = (card) => card.querySelector(".board-title a").textContent.trim();
  const asked = new Map(); // by column, who asked for it last
  let held = null;
  let moved = "";

  /* The columns as the server has them now; the card that moved keeps the focus if it is on the first page. */
  const refresh = async (keys, id) => {
    const mine = {};
    moved = id;
    for (const key of keys) {
      const there = () => board.querySelector(`[data-column="${key}"]`);
      asked.set(key, mine);
      const answer = await fetch(new URL(there().dataset.url, window.location.href), { headers: { "HX-Request": "true" } });
      if (!answer.ok) continue;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (asked.get(key) !== mine) continue; // a later move asks too, and its answer is newer
      const fresh = document.adoptNode(page.querySelector("[data-column]"));
      there().replaceWith(fresh);
      window.htmx.process(fresh);
    }
    document.getElementById(id)?.classList.add("moved");
    /* Of several the last; its column may have been drawn anew for an earlier one, unless somebody went on from there. */
    const card = document.getElementById(moved);
    if (!card || (moved !== id && document.activeElement !== document.body)) return;
    card.querySelector(".board-title a").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const sheet = (title, ...parts) => {
    const box = document.createElement("section");
    box.className = "board-told";
    const heading = document.createElement("h2");
    heading.textContent = title;
    box.append(heading, ...parts);
    const dialog = document.getElementById("sheet");
    document.getElementById("sheet-body").replaceChildren(box);
    dialog.setAttribute("aria-label", title);
    if (!dialog.open) dialog.showModal();
    const first = box.querySelector("input:not([type=hidden]), select, textarea, a, button");
    if (first) first.focus();
    return dialog;
  };

  /* Shows the form of a page in place, and goes on with `after` when it was saved; its errors are shown as it says.
     Does `otherwise` when the form has not all the fields that it `needs`. */
  const fill = async (title, words, address, after, { needs = [], otherwise = () => { window.location.href = address; }, to = "" } = {}) => {
    const answer = await fetch(address);
    const read = (text) => new DOMParser().parseFromString(text, "text/html").querySelector("main form.form");
    const form = answer.ok && read(await answer.text());
    if (!form || !needs.every((name) => form.elements[name.replace("custom.", "custom__")])) {
      otherwise();
      return;
    }
    const said = document.createElement("p");
    said.textContent = words;
    const show = (found) => {
      const dialog = sheet(title, said, document.adoptNode(found));
      if (to && found.elements.to) found.elements.to.value = to;
      found.addEventListener("submit", async (event) => {
        event.preventDefault();
        const sent = await fetch(address, { method: "POST", body: new FormData(found, event.submitter), headers: { "X-CSRFToken": token } });
        const again = sent.redirected ? null : read(await sent.text());
        if (again) show(again);
        else {
          dialog.close();
          if (sent.ok) after();
          else tell("That was refused. Nothing was changed.");
        }
      });
    };
    show(form);
  };

  const arrived = async (card, to) => {
    const from = card.dataset.at;
    const id = card.id;
    const name = nameOf(card);
    await refresh([from, to], id);
    const column = board.querySelector(`[data-column="${to}"]`);
    tell(`${name}: now in ${column.dataset.name}. ${column.dataset.over || ""}`);
  };

  const refused = (card, to, error) => {
    card.classList.add("refused");
    const words = error.message || "This cannot be moved there.";
    const say = () => {
      const link = document.createElement("a");
      link.className = "link";
      link.href = card.dataset.page;
      link.textContent = `Open ${nameOf(card)}`;
      const said = document.createElement("p");
      said.setAttribute("role", "alert");
      said.textContent = words;
      sheet(`${nameOf(card)} stays where it was`, said, link);
    };
    if (!error.fields || !error.fields.length) say();
    else {
      const more = { needs: error.fields, otherwise: say };
      fill(`Before ${nameOf(card)} goes on`, words, card.dataset.menu, () => move(card, to), more);
    }
  };

  const order = (key) => columns().findIndex((column) => column.dataset.column === key);

  const move = async (card, to) => {
    const from = card.dataset.at;
    if (!to || to === from) return;
    card.classList.remove("refused");
    if (!card.dataset.can) {
      tell(`${nameOf(card)} is not yours to move.`);
      return;
    }
    if (order(to) < order(from)) {
      const address = `${card.dataset.back}?to=${encodeURIComponent(to)}`;
      const target = columns()[order(to)].dataset.name;
      await fill(`Move ${nameOf(card)} back`, `To ${target}.`, address, () => arrived(card, to), { to });
      return;
    }
    const body = new URLSearchParams({ to });
    const headers = { "X-CSRFToken": token, "HX-Request": "true", Accept: "application/json" };
    try {
      const answer = await fetch(card.dataset.onward, { method: "POST", body, headers });
      if (answer.status === 204) await arrived(card, to);
      else refused(card, to, answer.headers.get("Content-Type").includes("json") ? await answer.json() : {});
    } catch {
      tell("No answer. Check the connection; nothing was changed.");
    }
  };

  board.addEventListener("dragstart", (event) => {
    const card = event.target.closest && event.target.closest("[data-card]");
    if (!card || !card.draggable) return;
    held = card;
    card.classList.add("held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    const can = card.dataset.can.split(" ");
    for (const column of columns()) {
      if (column.dataset.column === card.dataset.at) continue;
      column.classList.add(can.includes(column.dataset.column) ? "may" : "may-not");
    }
  });
  board.addEventListener("dragover", (event) => {
    const over = held && event.target.closest("[data-column]");
    for (const column of columns()) column.classList.toggle("there", column === over);
    if (over) event.preventDefault();
  });
  board.addEventListener("drop", (event) => {
    const over = held && event.target.closest("[data-column]");
    if (!over) return;
    event.preventDefault();
    move(held, over.dataset.column);
  });
  document.addEventListener("dragend", () => {
    if (held) held.classList.remove("held");
    held = null;
    for (const column of columns()) column.classList.remove("may", "may-not", "there");
  });

  const focusOn = (card) => { if (card) card.querySelector(".board-title a").focus(); };

  board.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-card]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!card || event.altKey || event.ctrlKey || event.metaKey || event.target.closest(".menu-choices")) return;
    const all = columns();
    const at = all.indexOf(columnOf(card));
    if (step && event.shiftKey) {
      event.preventDefault();
      const can = card.dataset.can.split(" ");
      /* The next column in that direction that it may go to, or else the next one, which says why not. */
      const there = step > 0 ? all.slice(at + 1) : all.slice(0, at).reverse();
      const to = there.find((column) => can.includes(column.dataset.column)) || there[0];
      if (to) move(card, to.dataset.column);
    } else if (step) {
      event.preventDefault();
      const there = step > 0 ? all.slice(at + 1) : all.slice(0, at).reverse();
      focusOn(there.map((column) => cardsOf(column)[0]).find(Boolean));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const cards = cardsOf(all[at]);
      focusOn(cards[cards.indexOf(card) + (event.key === "ArrowDown" ? 1 : -1)]);
    }
  });
})();
