/* Dragging rows by their handle, with a mouse, a pen or a finger: beside another row, or into a group. */
const FAR = 6;
const EDGE = 60;
const SCROLL = 12;

export function listen(editor) {
  let held = null; // { id, item, x, y, moving }
  const clear = () => {
    for (const each of editor.tree.querySelectorAll(".drop-before, .drop-after, .drop-in")) {
      each.classList.remove("drop-before", "drop-after", "drop-in");
    }
  };
  const end = () => {
    if (!held) return;
    clear();
    window.cancelAnimationFrame(held.frame);
    held.item.classList.remove("dragged");
    document.body.classList.remove("dragging");
    held = null;
  };
  const aim = (x, y) => {
    const over = document.elementFromPoint(x, y);
    if (!over || !editor.tree.contains(over)) return null;
    const adds = over.closest(".adds");
    if (adds) return { box: adds.parentElement, id: adds.closest("[data-node]").dataset.node, where: "in" };
    const item = over.closest("li[data-node]");
    if (!item || item.dataset.node === held.id) return null;
    const part = item.querySelector(".group-head, .cond").getBoundingClientRect();
    const rect = item.getBoundingClientRect();
    const middle = item.matches(".nested") ? part.top + part.height / 2 : rect.top + rect.height / 2;
    return { box: item, id: item.dataset.node, where: y < middle ? "before" : "after" };
  };
  const show = () => {
    clear();
    const to = aim(held.x, held.y);
    if (to) to.box.classList.add(`drop-${to.where}`);
  };
  /* Near the top or foot of the window it scrolls on, as long as the pointer stays there. */
  const scroll = () => {
    const by = held.y < EDGE ? -SCROLL : held.y > window.innerHeight - EDGE ? SCROLL : 0;
    if (by) {
      window.scrollBy(0, by);
      show();
    }
    held.frame = window.requestAnimationFrame(scroll);
  };

  editor.tree.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || event.button !== 0 || held) return;
    const item = grip.closest("li[data-node]");
    grip.setPointerCapture(event.pointerId);
    held = { id: item.dataset.node, item, x: event.clientX, y: event.clientY, from: event, moving: false, frame: 0 };
  });
  editor.tree.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.from.pointerId) return;
    held.x = event.clientX;
    held.y = event.clientY;
    if (!held.moving) {
      if (Math.hypot(held.x - held.from.clientX, held.y - held.from.clientY) < FAR) return;
      held.moving = true;
      held.item.classList.add("dragged");
      document.body.classList.add("dragging");
      scroll();
    }
    show();
  });
  editor.tree.addEventListener("pointerup", (event) => {
    if (!held || event.pointerId !== held.from.pointerId) return;
    const { id, moving } = held;
    const to = moving && aim(event.clientX, event.clientY);
    end();
    if (to) editor.drop(id, to.id, to.where);
  });
  editor.tree.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !held) return;
    event.preventDefault();
    end();
  });
}
