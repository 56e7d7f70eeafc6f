// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room: drawn and as text, its evidence, what is down and what is behind it, and a room of 2,000.

import {
  assert,
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  has,
  kPhone,
  openPage,
  settled,
  shoot,
  until,
} from "./browser.mjs";

const kServerError = /status of (403|503)/;

/** Every node stands beside its parent and no two stand on one place. */
async function isATree(page) {
  const boxes = await page
    .locator(".node")
    .evaluateAll((nodes) => nodes.map((node) => [node.title, node.offsetLeft, node.offsetTop]));
  assert(boxes.length >= 13, `only ${boxes.length} nodes are drawn`);
  const places = new Set(boxes.map(([, x, y]) => `${x} ${y}`));
  assert(places.size === boxes.length, "two nodes stand on one place");
  const at = (name) => boxes.find(([title]) => title === name);
  for (const [parent, child] of [
    ["rtr-01", "fw-01"],
    ["fw-01", "core-sw-01"],
    ["core-sw-01", "acc-sw-01"],
  ])
    assert(at(parent)[1] < at(child)[1], `${child} does not stand behind ${parent}`);
}

async function drawn(page) {
  await page.waitForSelector(".topology .node");
  await isATree(page);
  await has(page.locator(".layer").first(), /Way out/);
  assert((await page.locator(".node.is-down").innerText()).includes("acc-sw-03"), "the device that is down is not red");
  assert((await page.locator(".topology .cross").count()) === 1, "there is not one cross, on its link");
  assert((await page.locator(".node.is-cut").innerText()).includes("cam-03"), "what is behind it is not grey");
  await has(page.locator(".node.stranger", { hasText: "ap-lobby" }), /<U\+202E><b>/);
}

/** By the keyboard alone: the ports of a link, its evidence, back to the same button. */
async function evidence(page) {
  const ports = page.getByRole("button", { name: /core-sw-01 XGE1\/0\/1 to acc-sw-01 XGE0\/0\/1, both ends/ });
  await ports.focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog.evidence[open]");
  await has(dialog, /Each hears the other[\s\S]*LLDP core-sw-01 at XGE1\/0\/1[\s\S]*LLDP acc-sw-01 at XGE0\/0\/1/i);
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await until(
    () => ports.evaluate((button) => document.activeElement === button),
    "the focus does not return to the link",
  );
}

async function textByKey(page) {
  await page.waitForSelector(".topology .node");
  await page.keyboard.press("t");
  await has(
    page.locator(".twigs"),
    /rtr-01[\s\S]*fw-01[\s\S]*core-sw-01[\s\S]*acc-sw-01[\s\S]*acc-sw-03\s+Not answering/,
  );
  await has(page.locator(".twigs"), /behind a device that does not answer/);
  await has(page.locator(".twigs"), /More links[\s\S]*acc-sw-01 XGE0\/0\/2 to acc-sw-02 XGE0\/0\/2/);
  assert(page.url().includes("view=text"), "the view is not in the address");
  await page.keyboard.press("t");
  await page.waitForSelector(".topology .node");
  assert(!page.url().includes("view="), "the usual view is in the address");
}

async function neighbours(page) {
  const rows = page.locator("tbody tr");
  await has(rows.first(), /GE1\/0\/24\s*fw-01/);
  await page
    .getByRole("button", { name: /to acc-sw-01/ })
    .first()
    .click();
  await has(page.locator("dialog.evidence[open]"), /Each hears the other/);
  await assertAccessible(page);
  await page.keyboard.press("Escape");
}

const kStates = [
  ["topology drawn", "", "/topology", drawn],
  ["topology evidence", "", "/topology", evidence],
  ["topology as text", "", "/topology", textByKey],
  [
    "topology of an empty room",
    "topology.empty",
    "/topology",
    (page) => has(page.locator("main"), /There are no devices yet/),
  ],
  ["topology fails", "topology.500", "/topology", (page) => has(page.locator("main"), /not available[\s\S]*Retry/)],
  [
    "topology of old links",
    "store_gone",
    "/topology",
    (page) => has(page.locator(".panel footer"), /store does not answer: these are the links that it told last/),
  ],
  ["topology unpermitted", "topology.403", "/topology", (page) => has(page.locator("main"), /may not see this/)],
  ["neighbours of a device", "", "/devices/core-sw-01/neighbours", neighbours],
  [
    "neighbours, none known",
    "topology.empty",
    "/devices/core-sw-01/neighbours",
    (page) => has(page.locator("main"), /No neighbour is known/),
  ],
];

async function forced(run, [name, mock, path, verify]) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", theme: "light", mock });
  await page.goto(page.at(path));
  await settled(page);
  await verify(page);
  await assertAccessible(page);
  await assertNoSideScroll(page);
  await shoot(page, run, `state-${name.replaceAll(" ", "-")}`);
  assertQuiet(page, kServerError);
}

async function onAPhone(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", size: kPhone });
  await page.goto(page.at("/topology"));
  await has(page.locator(".twigs"), /rtr-01[\s\S]*core-sw-01/);
  assert((await page.locator(".topology .node").count()) === 0, "a phone gets the drawing first");
  await page.getByRole("button", { name: "Drawing" }).click();
  await page.waitForSelector(".topology .node");
  await assertNoSideScroll(page);
  assertQuiet(page);
}

/** Far more than a room has: all of it is drawn, and a key still changes the view. */
async function crowded(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: "crowd" });
  await page.goto(page.at("/topology"));
  await until(async () => (await page.locator(".node").count()) > 1700, "not all that is connected is drawn");
  await assertNoSideScroll(page);
  await page.keyboard.press("t");
  await page.waitForSelector(".twigs");
  await assertNoSideScroll(page);
  assertQuiet(page);
}

/** The checks as [name, work], for the caller to run. */
export const topologyChecks = (run) => [
  ...kStates.map((state) => [`state: ${state[0]}`, () => forced(run, state)]),
  ["state: topology on a phone", () => onAPhone(run)],
  ["state: topology of a crowded room", () => crowded(run)],
];
