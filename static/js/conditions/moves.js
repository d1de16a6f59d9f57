/* Where a node stands, and putting it elsewhere. A node stays among what may be asked of the same records: `scope` is
   the group that says of which ("where" of related records, or the whole). */
import { group } from "./model.js";

export function find(root, id, parent = null, scope = root) {
  if (root.id === id) return { node: root, parent, scope, index: parent ? parent.children.indexOf(root) : -1 };
  if (root.where) {
    const found = find(root.where, id, null, root.where);
    if (found) return found;
  }
  for (const child of root.children || []) {
    const found = find(child, id, root, scope);
    if (found) return found;
  }
  return null;
}

/* What leads to the records that a node is asked of: names of relations, "did" for what was done. A row with a "where"
   stands outside of it. */
export function placeOf(root, id) {
  if (root.id === id) return [];
  if (root.where) {
    const inside = root.where.id === id ? [] : placeOf(root.where, id);
    if (inside) return [root.type === "did" ? "did" : root.name, ...inside];
  }
  for (const child of root.children || []) {
    const inside = placeOf(child, id);
    if (inside) return inside;
  }
  return null;
}

export function remove(root, id) {
  const { parent, index } = find(root, id);
  parent.children.splice(index, 1);
}

export function insertAfter(root, id, node) {
  const { node: here, parent, index } = find(root, id);
  if (parent) parent.children.splice(index + 1, 0, node);
  else here.children.push(node);
}

/* A group that was emptied by taking its last condition out goes too. */
const tidy = (around, group) => {
  const at = around.children.indexOf(group);
  if (at >= 0 && !group.children.length) around.children.splice(at, 1);
};

/* Up, down, out of its group ("left") or into one ("right"); false where there is nowhere to go. */
export function move(root, id, way) {
  const { node, parent, index } = find(root, id);
  if (!parent) return false;
  if (way === "right") return nest(parent, index, node);
  const next = index + (way === "up" ? -1 : 1);
  if (way === "left" || next < 0 || next >= parent.children.length) {
    const around = find(root, parent.id).parent;
    if (!around) return false;
    parent.children.splice(index, 1);
    around.children.splice(around.children.indexOf(parent) + (way === "up" ? 0 : 1), 0, node);
    tidy(around, parent);
    return true;
  }
  parent.children.splice(index, 1);
  parent.children.splice(next, 0, node);
  return true;
}

function nest(parent, index, node) {
  const before = parent.children[index - 1];
  if (before && before.type === "group") {
    parent.children.splice(index, 1);
    before.children.push(node);
  } else parent.children[index] = group(parent.kind === "any" ? "all" : "any", [node]);
  return true;
}

/* Beside another node ("before", "after") or at the end of a group ("in"). */
export function moveTo(root, id, target, where) {
  const from = find(root, id);
  const to = find(root, target);
  if (!from || !to || !from.parent || from.scope !== to.scope || find(from.node, target)) return false;
  if (where !== "in" && !to.parent) return false;
  const around = find(root, from.parent.id).parent;
  from.parent.children.splice(from.index, 1);
  if (where === "in") to.node.children.push(from.node);
  else to.parent.children.splice(to.parent.children.indexOf(to.node) + (where === "after" ? 1 : 0), 0, from.node);
  if (around) tidy(around, from.parent);
  return true;
}
