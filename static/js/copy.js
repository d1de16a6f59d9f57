/* Buttons that copy what stands in a field: [data-copy] names its id. They are drawn hidden, since without scripts
   nothing can be copied by a click. */
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const words = button.lastChild;
    const usual = words.textContent;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.focus();
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch (error) {
        document.execCommand("copy"); // without HTTPS browsers have no other way
      }
      words.textContent = "Copied";
      setTimeout(() => { words.textContent = usual; }, 2000);
    });
  }
})();
