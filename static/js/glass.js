/* The preview beside an editor: its width without a reload, and the block as it is being typed (form[data-typed] names
   the address that draws it). Without this the preview shows what is saved. */
(() => {
  "use strict";
  let waiting = 0;
  let asked = 0;
  let width = "";

  function show(looks) {
    looks.classList.toggle("phone", width === "phone");
    looks.classList.toggle("desktop", width !== "phone");
    for (const one of looks.querySelectorAll("[data-width]")) {
      if (one.dataset.width === width) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
  }

  /* An edit brings the preview anew, as wide as it was. */
  document.addEventListener("htmx:afterSwap", () => {
    const looks = document.getElementById("looks");
    if (looks && width) show(looks);
  });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("#looks [data-width]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    width = tab.dataset.width;
    show(tab.closest("#looks"));
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-typed]");
    if (!form) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => draw(form), 350);
  });

  async function draw(form) {
    const mine = ++asked;
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) {
      if (value instanceof File) typed.delete(name);
    }
    const glass = document.getElementById("glass");
    const at = glass && glass.contentWindow ? glass.contentWindow.scrollY : 0;
    const answer = await fetch(form.dataset.typed, { method: "POST", body: typed, headers: { "HX-Request": "true" } });
    if (!answer.ok || !glass) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("iframe");
    if (!drawn || mine !== asked) return; // more was typed meanwhile
    glass.addEventListener("load", () => glass.contentWindow.scrollTo(0, at), { once: true });
    glass.setAttribute("srcdoc", drawn.getAttribute("srcdoc"));
  }
})();
