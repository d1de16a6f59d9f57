/* The page of a call: [data-held] names where its claim is kept alive, asked each minute while the page is looked at.
   Esc leaves a field, so that the keys of the outcomes work again. */
(() => {
  "use strict";
  const EVERY = 60000;
  const page = document.querySelector("[data-held]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("#call input, #call textarea, #call select")) event.target.blur();
  });

  const lost = (person) => {
    const note = document.querySelector("[data-held-lost]");
    note.querySelector("[data-held-by]").textContent = person
      ? `${person} has this lead in hand now.` : "This lead is no longer in your hand.";
    note.hidden = false;
  };

  const hold = async () => {
    if (document.hidden) return;
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    try {
      const answer = await fetch(page.dataset.held, { method: "POST", headers });
      if (answer.status === 409) lost((await answer.json()).person);
    } catch {
      return; // asked again in a minute
    }
  };

  if (!page) return;
  window.setInterval(hold, EVERY);
  document.addEventListener("visibilitychange", hold);
})();
