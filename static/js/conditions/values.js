/* What stands after an operator: an input of the field's type, with the values that are there to choose from. */
import { combobox } from "./combobox.js";
import { h, number, select } from "./dom.js";
import { tokens } from "./tokens.js";

const FIRST = { nothing: undefined, several: [], two: [null, null], period: "week", days: 30, year_days: 30 };
const YES_NO = [["yes", "yes"], ["no", "no"]];

/* What to begin with under another operator; a value that fits both stays. */
export function firstValue(field, op, before, opBefore) {
  if (opBefore && opBefore.takes === op.takes) return before;
  if (op.takes === "several" && opBefore?.takes === "one" && before !== undefined && before !== null) return [before];
  if (op.takes === "one" && opBefore?.takes === "several" && before?.length) return before[0];
  if (op.takes !== "one") return structuredClone(FIRST[op.takes]);
  if (field.type === "yes_no") return true;
  return field.choices?.length ? field.choices[0][0] : undefined;
}

export function valueInputs(editor, node, field, op, place) {
  const set = (value) => {
    node.value = value;
    editor.changed(`${node.id}.value`);
  };
  if (op.takes === "nothing") return [];
  if (op.takes === "period") {
    return [select("Which period", "value", [["", editor.periods.map((each) => [each, each])]], node.value, set)];
  }
  if (op.takes === "days" || op.takes === "year_days") {
    const most = op.takes === "days" ? 3660 : 366;
    return [number("How many days", "value", node.value, set, { min: 1, max: most }), h("span", { text: op.after })];
  }
  if (op.takes === "several") return [severalValues(editor, node, field, place, set)];
  if (op.takes !== "two") return [single(editor, field, place, `Value of ${field.label}`, node.value, set, "value")];
  const one = (index, name, part) => single(editor, field, place, `${name} value of ${field.label}`, node.value?.[index], (value) => {
    const both = Array.isArray(node.value) ? [...node.value] : [null, null];
    both[index] = value ?? null;
    set(both);
  }, part);
  return [one(0, "Lowest", "value"), h("span", { text: "and" }), one(1, "Highest", "value2")];
}

function single(editor, field, place, label, value, set, part) {
  if (field.type === "yes_no") {
    return select(label, part, [["", YES_NO]], value === false ? "no" : "yes", (word) => set(word === "yes"));
  }
  if (field.choices) return choice(field, label, value, set, part);
  if (field.type === "number") {
    return number(label, part, value, (typed) => set(typed ?? undefined), { step: "any", inputmode: "decimal" });
  }
  if (field.type === "date" || field.type === "datetime") {
    const box = h("input", { type: "date", "aria-label": label, "data-part": part, value: value || "" });
    box.addEventListener("input", () => set(box.value || undefined));
    return box;
  }
  const look = (words) => editor.server.values(place, field.name, [["q", words]]);
  if (field.type !== "reference") {
    return combobox({ label, part, text: value ?? "", look, choose: set, type: (text) => set(text || undefined) });
  }
  return record(editor, field, place, { label, part, value, look, set });
}

function choice(field, label, value, set, part) {
  const known = field.choices.some(([each]) => each === value);
  const strange = known || value === undefined || value === null ? [] : [[value, String(value)]];
  const typed = (word) => (field.type === "number" ? Number(word) : word);
  return select(label, part, [["", [...strange, ...field.choices]]], value, (word) => set(typed(word)));
}

function record(editor, field, place, { label, part, value, look, set }) {
  const text = editor.names.get(`${field.name}:${value}`) || "";
  const box = combobox({ label, part, text, look, choose: (id, name) => {
    editor.names.set(`${field.name}:${id}`, name);
    set(id);
  } });
  if (value) named(editor, field, place, [value], () => { box.querySelector("input").value ||= editor.names.get(`${field.name}:${value}`); });
  return box;
}

function severalValues(editor, node, field, place, set) {
  const named_ = (value) => editor.names.get(`${field.name}:${value}`) ?? String(value);
  const look = async (words) => {
    if (!field.choices) return editor.server.values(place, field.name, [["q", words]]);
    return field.choices.filter(([, name]) => name.toLowerCase().includes(words.toLowerCase()));
  };
  const { box, draw } = tokens({
    editor, node, field, set, look,
    label: `Values of ${field.label}`,
    nameOf: (value) => field.choices?.find(([each]) => each === value)?.[1] ?? named_(value),
    keep: (value, name) => { if (field.type === "reference") editor.names.set(`${field.name}:${value}`, name); },
  });
  if (field.type === "reference") named(editor, field, place, node.value || [], draw);
  return box;
}

/* The names of records, asked for once. */
async function named(editor, field, place, ids, then) {
  const unknown = ids.filter((id) => !editor.names.has(`${field.name}:${id}`));
  if (!unknown.length) return;
  const pairs = await editor.server.values(place, field.name, unknown.map((id) => ["value", id]));
  for (const id of unknown) editor.names.set(`${field.name}:${id}`, `#${id}`);
  for (const [id, name] of pairs) editor.names.set(`${field.name}:${id}`, name);
  then();
}
