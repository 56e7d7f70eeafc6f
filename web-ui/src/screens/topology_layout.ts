// SPDX-License-Identifier: GPL-3.0-or-later
// Where everything of the map stands: a tree from left to right, a column for each step away from the way out, a row for
// each end. No measuring, no forces: the same map is always drawn the same way.

import type { Layer, Topology, TopologyLink, TopologyNode } from "../api/topology";

export interface Branch {
  node: TopologyNode;
  /** The surest link to the one that it hangs on; null: it is the root of a tree. */
  link: TopologyLink | null;
  /** How many links there are between the two. */
  cables: number;
  children: Branch[];
  column: number;
  row: number;
  /** Something that it is reached through does not answer, nor does it. */
  cut: boolean;
}

export interface Extra {
  link: TopologyLink;
  from: Branch;
  to: Branch;
}

export interface Drawing {
  trees: Branch[];
  /** All branches as they are read: a parent, then what hangs on it. */
  all: Branch[];
  /** Links that are not of the tree. */
  extras: Extra[];
  /** Nothing is known of what these are connected to. */
  alone: TopologyNode[];
  columns: (Layer | null)[];
  rows: number;
}

const kLayers: Layer[] = ["wan", "core", "access", "end"];
const kSure = ["both_ends", "one_end", "fdb", "arp", "routing"];

const pair = (a: string, b: string): string => (a < b ? `${a}\n${b}` : `${b}\n${a}`);

/** The links between two nodes, the surest first. */
function byEnds(links: TopologyLink[]): Map<string, TopologyLink[]> {
  const found = new Map<string, TopologyLink[]>();
  for (const link of links) {
    const key = pair(link.a, link.b);
    found.set(key, [...(found.get(key) ?? []), link]);
  }
  for (const some of found.values()) some.sort((x, y) => kSure.indexOf(x.strength) - kSure.indexOf(y.strength));
  return found;
}

const compare = (a: TopologyNode, b: TopologyNode): number =>
  kLayers.indexOf(a.layer) - kLayers.indexOf(b.layer) ||
  Number(b.polled) - Number(a.polled) ||
  a.name.localeCompare(b.name, "en", { numeric: true });

/** Ports in the order in which they are on the device. */
const byPort = (a: Branch, b: Branch): number =>
  kLayers.indexOf(a.node.layer) - kLayers.indexOf(b.node.layer) ||
  (a.link?.a_port ?? "").localeCompare(b.link?.a_port ?? "", "en", { numeric: true }) ||
  compare(a.node, b.node);

/** Gives places to a branch and all that hangs on it; returns the next free row. */
function place(branch: Branch, column: number, row: number): number {
  branch.column = Math.max(column, kLayers.indexOf(branch.node.layer));
  let next = row;
  for (const child of branch.children) next = place(child, branch.column + 1, next);
  const first = branch.children[0];
  const last = branch.children[branch.children.length - 1];
  branch.row = first && last ? (first.row + last.row) / 2 : row;
  return Math.max(next, row + 1);
}

function flatten(branch: Branch, into: Branch[] = []): Branch[] {
  into.push(branch);
  for (const child of branch.children) flatten(child, into);
  return into;
}

function grow(node: TopologyNode, below: Map<string, TopologyNode[]>, links: Map<string, TopologyLink[]>): Branch {
  const branch: Branch = { node, link: null, cables: 0, children: [], column: 0, row: 0, cut: false };
  branch.children = (below.get(node.id) ?? [])
    .map((child) => {
      const grown = grow(child, below, links);
      const between = links.get(pair(node.id, child.id)) ?? [];
      grown.link = between[0] ?? null;
      grown.cables = between.length;
      return grown;
    })
    .sort(byPort);
  return branch;
}

/** What answers is not cut off, whatever stands in front of it: there is another way. */
function cutOff(branch: Branch, above: boolean): void {
  branch.cut = above && branch.node.state !== "up";
  for (const child of branch.children) cutOff(child, branch.cut || branch.node.state === "down");
}

/** The layer of each column: that of most of its nodes; null where it is that of the column before. */
function headings(all: Branch[]): (Layer | null)[] {
  const counts: Record<string, number>[] = [];
  for (const { column, node } of all) {
    const here = (counts[column] ??= {});
    here[node.layer] = (here[node.layer] ?? 0) + 1;
  }
  const names = Array.from(counts, (here) =>
    here ? kLayers.reduce((best, layer) => ((here[layer] ?? 0) > (here[best] ?? 0) ? layer : best)) : null,
  );
  return names.map((name, at) => (at > 0 && names[at - 1] === name ? null : name));
}

/** Columns in which nothing stands are left out. */
function pack(all: Branch[]): void {
  const used = [...new Set(all.map((branch) => branch.column))].sort((a, b) => a - b);
  for (const branch of all) branch.column = used.indexOf(branch.column);
}

export function draw(map: Topology): Drawing {
  const links = byEnds(map.links);
  const known = new Set(map.nodes.map((node) => node.id));
  const linked = new Set(map.links.flatMap((link) => [link.a, link.b]));
  const below = new Map<string, TopologyNode[]>();
  const roots: TopologyNode[] = [];
  for (const node of map.nodes) {
    if (node.parent && known.has(node.parent)) below.set(node.parent, [...(below.get(node.parent) ?? []), node]);
    else if (linked.has(node.id)) roots.push(node);
  }
  const trees = roots.sort(compare).map((node) => grow(node, below, links));
  let rows = 0;
  for (const tree of trees) {
    rows = place(tree, 0, rows);
    cutOff(tree, false);
  }
  const all = trees.flatMap((tree) => flatten(tree));
  pack(all);
  const places = new Map(all.map((branch) => [branch.node.id, branch]));
  const shown = new Set(all.map((branch) => branch.link && pair(branch.link.a, branch.link.b)));
  const extras: Extra[] = [];
  for (const [key, some] of links) {
    const from = places.get(some[0]!.a);
    const to = places.get(some[0]!.b);
    if (!shown.has(key) && from && to) extras.push({ link: some[0]!, from, to });
  }
  const alone = map.nodes.filter((node) => !linked.has(node.id)).sort(compare);
  return { trees, all, extras, alone, columns: headings(all), rows };
}
