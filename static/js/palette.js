/* Ctrl-K: the search dialog. htmx fetches what is found; this opens it and moves the choice. */
(() => {
  "use strict";
  const dialog = () => document.getElementById("palette");
  const input = () => document.getElementById("palette-q");
  const options = () => [...dialog().querySelectorAll("[role=option]")];
  const chosen = () => dialog().querySelector("[role=option][aria-selected=true]");
  let asked = ""; // the words that were sent last,
  let shown = ""; // those for which something is shown,
  let hurried = false; // and whether Enter was pressed before that of the last ones was

  const choose = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      input().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input().removeAttribute("aria-activedescendant");
  };

  /* What somebody goes to with an arrow is what Enter takes, whatever is still on its way. */
  const pick = (option) => {
    hurried = false;
    choose(option);
    shown = input().value;
  };

  /* The records this person looked at last, kept in this browser by kind and number only: the server says what they
     are called, to who may see them. */
  const KEPT = 8;
  const shelf = () => `leadcrm:recent:${dialog().dataset.person}`;
  const kept = () => (localStorage.getItem(shelf()) || "").split(",").filter(Boolean);
  const note = (url) => {
    const match = /^\/(leads|contacts|accounts)\/(\d+)\/$/.exec(new URL(url, window.location.href).pathname);
    if (!match || !dialog()) return;
    const one = `${match[1]}:${match[2]}`;
    localStorage.setItem(shelf(), [one, ...kept().filter((other) => other !== one)].slice(0, KEPT).join(","));
  };

  const open = () => {
    if (dialog().open) return;
    const recent = document.getElementById("palette-recent");
    recent.value = kept().filter((one) => !window.location.pathname.includes(`/${one.replace(":", "/")}/`)).join(",");
    recent.disabled = !recent.value;
    dialog().showModal();
    input().select();
    input().dispatchEvent(new Event("palette"));
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && dialog()) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("leadcrm:opened", (event) => note(event.detail.url));

  document.addEventListener("DOMContentLoaded", () => {
    if (!dialog()) return;
    note(window.location.href);
    dialog().addEventListener("click", (event) => {
      if (event.target.closest("[data-sheet]")) dialog().close(); // its form opens in a dialog of its own
    }, true);
    input().addEventListener("input", () => { hurried = false; });
    dialog().addEventListener("close", () => { hurried = false; }); // Esc takes Enter back
    input().addEventListener("keydown", (event) => {
      const all = options();
      const now = all.indexOf(chosen());
      if (event.key === "ArrowDown") pick(all[(now + 1) % all.length]);
      else if (event.key === "ArrowUp") pick(all[(now - 1 + all.length) % all.length]);
      else if (event.key === "Enter" && shown !== input().value) hurried = true;
      else if (event.key === "Enter" && chosen()) chosen().click();
      else if (event.key === "Escape") dialog().close(); // at once: the browser would only empty the field
      else return;
      event.preventDefault();
    });
    dialog().addEventListener("htmx:configRequest", () => { asked = input().value; });
    dialog().addEventListener("htmx:afterSwap", () => {
      shown = asked;
      choose(options()[0]);
      if (hurried && shown === input().value && chosen()) chosen().click();
    });
    dialog().addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful) return;
      shown = asked; // that is nothing: Enter leads to the page of what is found, as without scripts
      choose();
      if (hurried && shown === input().value) input().form.submit();
    });
  });
})();
