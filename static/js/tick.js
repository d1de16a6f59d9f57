/* form[data-tick]: the box [data-tick-all] ticks all boxes called "id". */
(() => {
  "use strict";
  for (const all of document.querySelectorAll("[data-tick] [data-tick-all]")) {
    all.hidden = false;
    const boxes = [...all.closest("form").querySelectorAll('input[name="id"]')];
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = boxes.length > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
  }
})();
