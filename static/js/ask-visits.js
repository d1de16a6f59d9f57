/* Asks visitors of our own pages whether their visit may be remembered ([data-ask-visits]), and keeps what they said. Who
   asks not to be tracked is not bothered. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-ask-visits]");
  const kept = "leadcrm-visits";
  if (!bar || navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;
  const show = () => {
    const said = localStorage.getItem(kept);
    bar.querySelector("[data-undecided]").hidden = Boolean(said);
    for (const word of ["yes", "no"]) {
      bar.querySelector(`[data-${word}]`).hidden = said !== word;
      bar.querySelector(`[data-say=${word}]`).hidden = said === word;
    }
    bar.classList.toggle("decided", Boolean(said));
    bar.hidden = false;
  };
  bar.addEventListener("click", ({ target }) => {
    const said = target.dataset.say;
    if (!said) return;
    localStorage.setItem(kept, said);
    window.leadcrm("consent", said === "yes");
    show();
  });
  show();
})();
