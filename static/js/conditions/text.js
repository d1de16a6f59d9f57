/* The text view: the same condition, typed. What is wrong is said with its place, and the place is chosen. */

/* Chooses what stands at the line and column (both from 1), up to the next blank. */
export function choosePlace(area, { line, column }) {
  if (!line) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
  const word = /^\S*/.exec(area.value.slice(start))[0];
  area.focus();
  area.setSelectionRange(start, start + Math.max(word.length, 1));
}

/* Every code point above the plane of 16 bits is one column to the server, two places here. */
export function placeIn(text, { line, column }) {
  if (!line) return {};
  const points = [...(text.split("\n")[line - 1] || "")].slice(0, column - 1).join("");
  return { line, column: points.length + 1 };
}
