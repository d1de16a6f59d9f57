/* A condition as it is edited: groups of rows, each with an id that stays while it is moved. JSON in and out. */
let last = 0;
const made = (node) => ({ id: `n${++last}`, ...node });

export const group = (kind, children = [], implicit = false) => made({ type: "group", kind, children, implicit });
export const blank = () => made({ type: "blank" });
export const compare = (field, op = "", value = undefined) => made({ type: "compare", field, op, value });
export const counted = (type, name) =>
  made({ type, name, count: { how: "any", n: 1, m: 2 }, within: null, about: "", quiet: null, where: group("all", [], true) });

/* What JSON says, as a group: a condition alone stands in one that is not written back. */
export function rootOf(tree) {
  if (!tree || typeof tree !== "object" || !Object.keys(tree).length) return group("all", [], true);
  const node = nodeOf(tree);
  if (node.type !== "group") return group("all", [node], true);
  return { ...node, implicit: node.kind === "all" && node.children.length > 1 };
}

export function nodeOf(tree) {
  if (Array.isArray(tree?.all)) return group("all", tree.all.map(nodeOf));
  if (Array.isArray(tree?.any)) return group("any", tree.any.map(nodeOf));
  if (tree?.not) return group("none", Array.isArray(tree.not.any) ? tree.not.any.map(nodeOf) : [nodeOf(tree.not)]);
  if (typeof tree?.field === "string") return compare(tree.field, tree.op, tree.value);
  if (typeof tree?.did === "string") return read(counted("did", tree.did), tree);
  if (typeof tree?.related === "string") return read(counted("related", tree.related), tree);
  return made({ type: "raw", tree });
}

function read(node, tree) {
  const { at_least: least, at_most: most } = tree;
  if (tree.none) node.count.how = "none";
  else if ("exactly" in tree) node.count = { how: "exactly", n: tree.exactly, m: 2 };
  else if (most !== undefined && least !== undefined) node.count = { how: "between", n: least, m: most };
  else if (most !== undefined) node.count = { how: "at_most", n: most, m: 2 };
  else if (least !== undefined && least !== 1) node.count = { how: "at_least", n: least, m: 2 };
  node.within = tree.within_days ?? null;
  node.about = tree.subject_contains ?? "";
  node.quiet = tree.not_in_last_days ?? null;
  node.where = rootOf(tree.where);
  return node;
}

/* JSON of a node, and which node stands at which position ("all.0.not"): { tree, places }. Rows in which nothing has
   been chosen yet say nothing. */
export function treeOf(node) {
  const places = new Map();
  return { tree: written(node, "", places), places };
}

const under = (path, step) => (path ? `${path}.${step}` : step);

function written(node, path, places) {
  places.set(path, node.id);
  if (node.type === "group") return ofGroup(node, path, places);
  if (node.type === "compare") return ofComparison(node);
  if (node.type === "raw") return node.tree;
  const found = { [node.type]: node.name, ...ofCount(node.count) };
  if (node.type === "did") {
    if (node.within !== null) found.within_days = node.within;
    if (node.about) found.subject_contains = node.about;
    if (node.quiet !== null) found.not_in_last_days = node.quiet;
  }
  const where = node.where.children.some((child) => child.type !== "blank");
  if (where) found.where = written(node.where, under(path, "where"), places);
  return found;
}

function ofGroup(node, path, places) {
  const said = node.children.filter((child) => child.type !== "blank");
  if (node.implicit && node.kind === "all" && !said.length) return {};
  if (node.implicit && node.kind === "all" && said.length === 1) return written(said[0], path, places);
  if (node.kind === "none" && said.length === 1) return { not: written(said[0], under(path, "not"), places) };
  const step = node.kind === "none" ? "not.any" : node.kind;
  const list = said.map((child, index) => written(child, under(path, `${step}.${index}`), places));
  return node.kind === "none" ? { not: { any: list } } : { [node.kind]: list };
}

function ofComparison({ field, op, value }) {
  return value === undefined ? { field, op } : { field, op, value };
}

function ofCount({ how, n, m }) {
  if (how === "none") return { none: true };
  if (how === "any") return {};
  return how === "between" ? { at_least: n, at_most: m } : { [how]: n };
}
