/* Dragging rows by their handle: beside another row, or into a group. */
export function listen(editor) {
  let dragged = null;
  const clear = () => {
    for (const each of editor.tree.querySelectorAll(".drop-before, .drop-after, .drop-in")) {
      each.classList.remove("drop-before", "drop-after", "drop-in");
    }
  };
  const aim = (event) => {
    const adds = event.target.closest(".adds");
    if (adds) {
      const group = adds.closest("[data-node]");
      return { box: adds.parentElement, id: group.dataset.node, where: "in" };
    }
    const item = event.target.closest("li[data-node]");
    if (!item) return null;
    const part = item.querySelector(".group-head, .cond").getBoundingClientRect();
    const rect = item.getBoundingClientRect();
    const middle = item.matches(".nested") ? part.top + part.height / 2 : rect.top + rect.height / 2;
    return { box: item, id: item.dataset.node, where: event.clientY < middle ? "before" : "after" };
  };

  editor.tree.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.(".grip")?.closest("li[data-node]");
    if (!item) return;
    dragged = item.dataset.node;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(item, 12, 12);
    item.classList.add("dragged");
  });
  editor.tree.addEventListener("dragover", (event) => {
    const to = dragged && aim(event);
    clear();
    if (!to || to.id === dragged) return;
    event.preventDefault();
    to.box.classList.add(`drop-${to.where}`);
  });
  editor.tree.addEventListener("drop", (event) => {
    const to = dragged && aim(event);
    if (!to) return;
    event.preventDefault();
    editor.drop(dragged, to.id, to.where);
  });
  editor.tree.addEventListener("dragend", () => {
    dragged = null;
    clear();
    editor.tree.querySelector(".dragged")?.classList.remove("dragged");
  });
}
