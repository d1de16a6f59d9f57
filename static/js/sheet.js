/* A link with data-sheet opens the form of the page it leads to in a dialog; without scripts it is an ordinary link.
   Also says in words, for everybody, when something asked for in the background was refused. */
(() => {
  "use strict";
  let asked = 0;

  const tell = (words) => {
    const told = document.getElementById("told");
    told.textContent = words;
    window.setTimeout(() => { if (told.textContent === words) told.textContent = ""; }, 6000);
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const mine = ++asked;
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return; // a later one takes its place, and may be typed into already
    const form = page.querySelector("[data-sheet-part]");
    if (!answer.ok || !form) {
      window.location.href = link.href;
      return;
    }
    const sheet = document.getElementById("sheet");
    document.getElementById("sheet-body").replaceChildren(document.adoptNode(form));
    htmx.process(form);
    const heading = form.querySelector("h1, h2");
    if (heading) sheet.setAttribute("aria-label", heading.textContent.trim());
    sheet.showModal();
    const first = form.querySelector("textarea, input:not([type=hidden]), select");
    if (first) first.focus();
  });

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("#sheet [data-cancel]");
    if (!cancel) return;
    event.preventDefault();
    document.getElementById("sheet").close();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.closest("#sheet")) document.getElementById("sheet").close();
  });

  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const note = page.querySelector(".note.error, .errorlist, h1");
    tell(note ? note.textContent.trim() : "That was refused. Reload the page and try again.");
  });
  document.addEventListener("htmx:sendError", () => tell("No answer. Check the connection; nothing was changed."));
  document.addEventListener("leadcrm:tell", (event) => tell(event.detail.words));
})();
