/* The bell in the top bar keeps its count: [data-bell] names the address that answers {"count": "3"}. Hidden tabs do
   not ask; who comes back to a tab is told at once. */
(() => {
  "use strict";
  const EVERY = 20000;
  let asked = 0;
  const bell = () => document.querySelector("[data-bell]");

  const ask = async () => {
    if (!bell() || document.hidden) return;
    const mine = ++asked;
    try {
      const answer = await fetch(bell().dataset.bell, { cache: "no-store", redirect: "manual" });
      if (!answer.ok) return;
      const { count } = await answer.json();
      if (mine !== asked) return; // asked again meanwhile
      const shown = bell().querySelector("[data-bell-count]");
      if (shown.textContent !== count) shown.textContent = count;
      shown.parentElement.hidden = !count;
    } catch {
      // no answer: the count stays as it was
    }
  };

  window.setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
