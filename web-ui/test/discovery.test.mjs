// SPDX-License-Identifier: GPL-3.0-or-later
// Subnets as people write them, what is to be done about what was found, and ids that no two devices share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./build.mjs";

const discovery = await load("api/discovery.ts");

test("a subnet has its addresses, anything else is refused", () => {
  const sizes = { "10.1.0.0/24": 254, "10.1.0.0/16": 65534, "10.1.0.0/30": 2, "10.1.0.0/31": 2, "10.1.0.7": 1 };
  for (const [text, size] of Object.entries(sizes)) assert.equal(discovery.addressesOf(text), size, text);
  for (const text of ["", "10.1.0.0/15", "10.1.0.0/33", "10.1.0", "10.1.0.256", "10.1.0.0 /24", "::1", "a.b.c.d"])
    assert.equal(discovery.addressesOf(text), null, text);
});

test("what is known or ignored needs nobody, and only what answered is ready", () => {
  const one = { known_as: null, ignored: false, problem: null, credential: "room" };
  assert.equal(discovery.standing(one), "ready");
  assert.equal(discovery.standing({ ...one, credential: null }), "problem");
  assert.equal(discovery.standing({ ...one, problem: "it stopped" }), "problem");
  assert.equal(discovery.standing({ ...one, problem: "it stopped", ignored: true }), "ignored");
  assert.equal(discovery.standing({ ...one, ignored: true, known_as: "ups" }), "known");
});

test("two devices of one name get two ids", () => {
  const named = (id, address) => ({ suggested_id: id, addresses: [address] });
  const chosen = [named("sw", "10.0.0.1"), named("sw", "10.0.0.2"), named(null, "10.0.0.3"), named("ups", "10.0.0.4")];
  assert.deepEqual(discovery.uniqueIds(chosen, ["ups", "sw-2"]), ["sw", "sw-3", "10.0.0.3", "ups-2"]);
  const long = "x".repeat(64);
  const [, second] = discovery.uniqueIds([named(long, "10.0.0.1"), named(long, "10.0.0.2")], []);
  assert.ok(second.length <= 64 && second.endsWith("-2"), second);
});
