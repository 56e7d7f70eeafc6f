// SPDX-License-Identifier: GPL-3.0-or-later
// Where the nodes of the map stand, and what is cut off.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./build.mjs";

const { draw } = await load("screens/topology_layout.ts");

const node = (id, layer, parent = null, state = "up") => ({
  id,
  name: id,
  class: null,
  address: null,
  polled: true,
  state,
  since: null,
  alarm: null,
  layer,
  parent,
  other_ends: 0,
});
const link = (a, b, strength = "both_ends", a_port = null) => ({
  a,
  a_port,
  b,
  b_port: null,
  strength,
  since: null,
  evidence: [],
});
const places = ({ all }) => Object.fromEntries(all.map(({ node: { id }, column, row }) => [id, `${column} ${row}`]));

const kRoom = {
  nodes: [
    node("fw", "wan"),
    node("core", "core", "fw"),
    node("a", "access", "core", "down"),
    node("b", "access", "core"),
    node("s2", "end", "a", "unknown"),
    node("s10", "end", "a"),
    node("lost", "end"),
  ],
  links: [
    link("fw", "core"),
    link("core", "a", "fdb"),
    link("core", "a"),
    link("core", "b"),
    link("a", "s10", "fdb", "GE0/0/10"),
    link("a", "s2", "fdb", "GE0/0/2"),
    link("a", "b"),
  ],
};

test("each end has a row, in the order of the ports, and each parent stands in the middle of what hangs on it", () => {
  const drawing = draw(kRoom);
  assert.deepEqual(places(drawing), { fw: "0 1.25", core: "1 1.25", a: "2 0.5", s2: "3 0", s10: "3 1", b: "2 2" });
  assert.equal(drawing.rows, 3);
  assert.deepEqual(drawing.columns, ["wan", "core", "access", "end"]);
});

test("the surest of several cables stands for them, and what is not of the tree is drawn beside", () => {
  const drawing = draw(kRoom);
  const a = drawing.all.find((branch) => branch.node.id === "a");
  assert.deepEqual([a.link.strength, a.cables], ["both_ends", 2]);
  assert.deepEqual(
    drawing.extras.map((extra) => [extra.from.node.id, extra.to.node.id]),
    [["a", "b"]],
  );
  assert.deepEqual(
    drawing.alone.map(({ id }) => id),
    ["lost"],
  );
});

test("what does not answer behind a device that does not is cut off, not that device, nor what answers", () => {
  const cut = draw(kRoom)
    .all.filter((branch) => branch.cut)
    .map((branch) => branch.node.id);
  assert.deepEqual(cut.sort(), ["s2"]);
});

test("a column in which nothing stands is left out, and one layer has one heading", () => {
  const drawing = draw({
    nodes: [node("r", "wan"), node("f", "wan", "r"), node("s", "end", "f")],
    links: [link("r", "f"), link("f", "s")],
  });
  assert.deepEqual(places(drawing), { r: "0 0", f: "1 0", s: "2 0" });
  assert.deepEqual(drawing.columns, ["wan", null, "end"]);
});

test("no two of 2,000 nodes stand on one place", () => {
  const nodes = [node("n0", "core")];
  const links = [];
  for (let at = 1; at < 2000; ++at) {
    const parent = `n${Math.floor((at - 1) / 7)}`;
    nodes.push(node(`n${at}`, "access", parent));
    links.push(link(parent, `n${at}`));
  }
  assert.equal(new Set(Object.values(places(draw({ nodes, links })))).size, 2000);
});
