/* The keyboard within the tree. Tab and Shift Tab go on from control to control, as everywhere.

   Enter            in an input or a choice: a condition below (Shift Enter: a group below)
   Alt arrows       move the row: up, down, out of its group (left), into one (right)
   Alt Delete       removes the row; on a handle Delete alone does too
   Up, Down         on a handle: the handle before, the next one
   Ctrl C, X, V     on a handle: copy, cut, paste below, as JSON or text
   Ctrl Z, Ctrl Y   undo, redo (also Ctrl Shift Z) */
const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export const KEYS = [
  ["Enter", "condition below"], ["Shift Enter", "group below"], ["Alt ↑ ↓ ← →", "move, out of a group, into one"],
  ["Alt Del", "remove"], ["Ctrl C, X, V", "on a handle: copy, cut, paste"], ["Ctrl Z, Ctrl Y", "undo, redo"],
];

export function listen(editor) {
  editor.box.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || editor.isText) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (control && !event.altKey && (key === "z" || key === "y")) {
      editor.step(key === "y" || event.shiftKey ? 1 : -1);
      event.preventDefault();
      return;
    }
    const id = event.target.closest("li[data-node]")?.dataset.node;
    if (id && inRow(editor, event, id)) event.preventDefault();
    else if (!id && event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
}

/* Whether the key did something. */
function inRow(editor, event, id) {
  const { target, key } = event;
  const onGrip = target.matches(".grip");
  if (event.ctrlKey || event.metaKey) return false;
  if (event.altKey) {
    if (key in WAYS) editor.does(WAYS[key], id);
    else if (key === "Delete" || key === "Backspace") editor.does("remove", id);
    else return false;
    return true;
  }
  if (key === "Enter" && target.matches("input, select")) {
    editor.add(id, event.shiftKey ? "group" : "row");
    return true;
  }
  if (!onGrip) return false;
  if (key === "Delete") editor.does("remove", id);
  else if (key === "ArrowUp" || key === "ArrowDown") {
    const grips = [...editor.tree.querySelectorAll(".grip")];
    grips[grips.indexOf(target) + (key === "ArrowUp" ? -1 : 1)]?.focus();
  } else return false;
  return true;
}
