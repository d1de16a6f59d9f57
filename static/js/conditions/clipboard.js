/* Parts of conditions through the clipboard: out as JSON, in as JSON or as the text view. */
import { nodeOf, treeOf } from "./model.js";
import { placeOf } from "./moves.js";

let kept = "";

const fits = (editor, event) => {
  const grip = document.activeElement;
  if (!editor.tree.contains(grip) || !grip.matches(".grip")) return null;
  event.preventDefault();
  return grip.closest("li[data-node]").dataset.node;
};

export function listen(editor) {
  document.addEventListener("copy", (event) => {
    const id = fits(editor, event);
    if (id) event.clipboardData.setData("text/plain", words(editor, id));
  });
  document.addEventListener("cut", (event) => {
    const id = fits(editor, event);
    if (!id) return;
    event.clipboardData.setData("text/plain", words(editor, id));
    editor.does("remove", id);
  });
  document.addEventListener("paste", (event) => {
    const id = fits(editor, event);
    if (id) paste(editor, id, event.clipboardData.getData("text/plain"));
  });
}

function words(editor, id) {
  kept = JSON.stringify(treeOf(editor.node(id)).tree, null, 1);
  editor.say("Copied.");
  return kept;
}

export async function copy(editor, id) {
  const text = words(editor, id);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not allowed, or no secure connection: what was copied is kept in the page.
  }
}

export async function pasteFromMenu(editor, id) {
  let text = kept;
  try {
    text = (await navigator.clipboard.readText()) || kept;
  } catch {
    // As above.
  }
  await paste(editor, id, text);
}

async function paste(editor, id, text) {
  let tree = null;
  try {
    tree = JSON.parse(text);
  } catch {
    const read = text.trim() ? await editor.server.read({ text, in: placeOf(editor.root, id) }) : { message: "There is nothing to paste." };
    if (read.error || read.message) return editor.say(`Not pasted. ${read.message}`);
    tree = read.tree;
  }
  if (!tree || typeof tree !== "object" || !Object.keys(tree).length) return editor.say("Not pasted: this is no condition.");
  const { version, ...rest } = tree;
  return editor.insert(id, nodeOf(rest), "Pasted.");
}
