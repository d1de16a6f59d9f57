/* One row: what is asked, and what of it. A related record or a behaviour has a group of its own below ("where"). */
import { h, number, select } from "./dom.js";
import { compare, counted } from "./model.js";
import { firstValue, valueInputs } from "./values.js";

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const TIMES = [
  ["any", "at least once"], ["none", "never"], ["at_least", "at least"], ["at_most", "at most"], ["exactly", "exactly"],
  ["between", "between"],
];
const MANY = [
  ["any", "there is one"], ["none", "there is none"], ["at_least", "there are at least"], ["at_most", "there are at most"],
  ["exactly", "there are exactly"], ["between", "there are between"],
];

/* What may be asked, as choices: the vocabulary's fields by group, behaviours, related records. */
function offered(vocabulary, chosen) {
  const groups = new Map();
  for (const field of vocabulary.fields) {
    if (field.archived && chosen !== `field:${field.name}`) continue;
    const heading = field.group || capital(vocabulary.subject);
    if (!groups.has(heading)) groups.set(heading, []);
    groups.get(heading).push([`field:${field.name}`, capital(field.label)]);
  }
  const did = vocabulary.behaviours.map((each) => [`did:${each.name}`, each.label]);
  const related = vocabulary.relations.map((each) => [`related:${each.name}`, capital(each.label)]);
  return [["", [["", "Choose what to ask"]]], ...groups, ["Did", did], ["Related records", related]].filter(([, pairs]) => pairs.length);
}

export function chosenOf(node) {
  if (node.type === "compare") return `field:${node.field}`;
  return node.type === "did" || node.type === "related" ? `${node.type}:${node.name}` : "";
}

/* The inputs of a row: { head, below }. `context`: vocabulary, place (what leads to it, for values). */
export function inputsOf(editor, node, context) {
  const rest = h("span", { class: "rest" });
  const below = h("div", { class: "below" });
  const fill = () => {
    rest.replaceChildren();
    below.replaceChildren();
    if (node.type === "compare") rest.append(...comparison(editor, node, context));
    else if (node.type === "did") behaviour(editor, node, context, rest, below);
    else if (node.type === "related") related(editor, node, context, rest, below);
    else if (node.type === "raw") rest.append(h("code", { class: "break", text: JSON.stringify(node.tree) }));
  };
  const chosen = chosenOf(node);
  const groups = offered(context.vocabulary, chosen);
  if (chosen && !groups.some(([, pairs]) => pairs.some(([value]) => value === chosen))) {
    groups.unshift(["", [[chosen, `${chosen.split(":")[1]} (unknown)`]]]);
  }
  const what = select("What to ask", "what", groups, chosen, (value) => {
    become(node, value, context.vocabulary, editor);
    fill();
    editor.changed(`${node.id}.what`);
  });
  what.classList.add("what");
  fill();
  return { head: [what, rest], below };
}

/* The same node under another question: its id stays. */
function become(node, value, vocabulary, editor) {
  const [kind, name] = [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)];
  const id = node.id;
  const fresh = kind === "field" ? compare(name) : kind ? counted(kind, name) : { type: "blank" };
  if (kind === "field") {
    const field = vocabulary.fields.find((each) => each.name === name);
    const op = editor.operators[field.type][0];
    Object.assign(fresh, { op: op.name, value: firstValue(field, op) });
  }
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, fresh, { id });
}

function comparison(editor, node, { vocabulary, place }) {
  const field = vocabulary.fields.find((each) => each.name === node.field);
  if (!field) return [h("code", { class: "break", text: JSON.stringify({ op: node.op, value: node.value }) })];
  const operators = editor.operators[field.type];
  const values = h("span", { class: "rest" });
  let now = operators.find((each) => each.name === node.op) || operators[0];
  const draw = () => values.replaceChildren(...valueInputs(editor, node, field, now, place));
  const pairs = operators.map((each) => [each.name, each.takes === "period" ? `${each.words} …` : each.words]);
  const op = select(`How to compare ${field.label}`, "op", [["", pairs]], node.op, (name) => {
    const next = operators.find((each) => each.name === name);
    node.value = firstValue(field, next, node.value, now);
    node.op = name;
    now = next;
    draw();
    editor.changed(`${node.id}.op`);
  });
  draw();
  return [op, values];
}

function counts(editor, node, label, pairs, unit) {
  const box = h("span", { class: "rest" });
  const numbers = h("span", { class: "rest" });
  const draw = () => {
    const { how } = node.count;
    const one = (key, name, part) => number(name, part, node.count[key], (value) => {
      node.count[key] = value;
      editor.changed(`${node.id}.${key}`);
    }, { min: 1, max: 1000 });
    numbers.replaceChildren();
    if (how === "any" || how === "none") return;
    numbers.append(one("n", how === "between" ? "At least how many" : "How many", "count"));
    if (how === "between") numbers.append(h("span", { text: "and" }), one("m", "At most how many", "count2"));
    if (unit) numbers.append(h("span", { text: unit }));
  };
  box.append(select(label, "how", [["", pairs]], node.count.how, (how) => {
    node.count.how = how;
    draw();
    editor.changed(`${node.id}.how`);
  }), numbers);
  draw();
  return box;
}

function behaviour(editor, node, { vocabulary, place }, rest, below) {
  rest.append(counts(editor, node, "How often", TIMES, "times"));
  const days = (label, key, part) => h("label", { class: "days" }, h("span", { text: label }), number(`${label}, in days`, part, node[key], (value) => {
    node[key] = value;
    editor.changed(`${node.id}.${key}`);
  }, { min: 1, max: 3660, placeholder: "any" }), h("span", { text: "days" }));
  const about = h("input", { type: "text", "data-part": "about", maxlength: "500", value: node.about, placeholder: "anything" });
  about.addEventListener("input", () => {
    node.about = about.value;
    editor.changed(`${node.id}.about`);
  });
  rest.append(
    h("label", { class: "days" }, h("span", { text: "about" }), about),
    days("in the last", "within", "within"), days("but not in the last", "quiet", "quiet"),
  );
  if (vocabulary.interaction) below.append(whereOf(editor, node, { vocabulary: vocabulary.interaction, place: [...place, "did"] }));
}

/* What must hold for each of what was done: nothing, until somebody asks for it. */
function whereOf(editor, node, context) {
  if (node.where.children.length) return editor.view.group(node.where, { ...context, words: "of these hold for each of them" });
  return h("button", {
    type: "button", class: "add", "data-part": "where", text: "Only those where…", on: { click: () => editor.add(node.where.id, "row") },
  });
}

function related(editor, node, { vocabulary, place }, rest, below) {
  const relation = vocabulary.relations.find((each) => each.name === node.name);
  if (!relation) return;
  rest.append(counts(editor, node, "How many", MANY, ""));
  const words = `of these hold for the same ${relation.label}`;
  below.append(editor.view.group(node.where, { vocabulary: relation.of, place: [...place, relation.name], words }));
}
