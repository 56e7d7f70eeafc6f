// SPDX-License-Identifier: GPL-3.0-or-later
// What the store keeps and what is missing, in every state: the panel of the data, the gap ledger, damage in charts and lists.

import { readFileSync } from "node:fs";
import { startedAt } from "../../web-ui/dev/mock-data.mjs";
import { assert, assertAccessible, assertQuiet, has, inked, openPage, settled, shoot, until } from "./browser.mjs";

const kServerError = /status of (403|503)/;
const kRows = "#ledger .rows li";
/** Six hours before the mock station started: its disk damage is in them. */
const kDamagedHours = `/devices/core-sw-01?from=${startedAt - 21_600}&to=${startedAt}`;
/** From before everything that the mock station keeps. */
const kLongAgo = "/devices/core-sw-01?from=1600000000&to=1600003600";

async function dataPanel(page) {
  const panel = page.locator("#store");
  await has(panel, /Space used\s+12\.6 GiB \/ 20 GiB \(63%\)/);
  await has(panel, /every value 12 d, minutes 90 d, quarters of an hour 400 d, hours 1,100 d/);
  await has(panel, /every 10 s[\s\S]*2 since the store started/);
  await has(panel, /Every value\s+5\.2 GiB\s+12 d/);
  const share = () =>
    panel.locator(".budget").evaluate((bar) => {
      const parts = [...bar.children].map((part) => part.getBoundingClientRect().width);
      return parts.reduce((sum, width) => sum + width, 0) / bar.getBoundingClientRect().width;
    });
  await until(async () => Math.abs((await share()) - 0.63) < 0.03, "the bar does not show 63 % of the space");
}

async function youngStore(page) {
  const panel = page.locator("#store");
  await has(panel, /every value 7 h\./);
  await has(panel, /none since the store started/);
  await has(page.locator("#ledger"), /Nothing is missing/);
}

const kindsShown = (page) => page.locator(`${kRows} b`).allInnerTexts();

async function ledgerPages(page) {
  const rows = page.locator(kRows);
  await has(rows.first(), /Not collected[\s\S]*acc-sw-03[\s\S]*Not over[\s\S]*the device did not answer/);
  await has(
    rows.nth(3),
    /Damaged[\s\S]*30 min[\s\S]*the disk gave back something else[\s\S]*records 1,262,118 to 1,262,480/,
  );
  const before = await rows.count();
  await page.getByRole("button", { name: "Older entries" }).click();
  await until(async () => (await rows.count()) === before + 50, "the next page is not added");
  const texts = await rows.allInnerTexts();
  assert(new Set(texts).size === texts.length, "an entry is shown twice");
}

async function ledgerFilter(page) {
  const choice = page.locator("#ledger select");
  await choice.focus();
  await choice.selectOption("damaged");
  await until(
    async () => JSON.stringify(await kindsShown(page)) === '["Damaged","Damaged"]',
    "the filter does not leave the two damaged places",
  );
  assert(page.url().includes("account=damaged"), "the filter is not in the address");
  assert(await choice.evaluate((one) => one === document.activeElement), "the focus is lost by filtering");
  await choice.selectOption("");
  await until(async () => new Set(await kindsShown(page)).size > 2, "the filter cannot be taken back");
}

async function ledgerOfDevice(page) {
  const text = await page.locator("#ledger").innerText();
  assert(/since [\s\S]*Thinned Samples, all devices/.test(text), `entries are missing: ${text.slice(0, 300)}`);
  assert(!/rtr-01|ups-01/.test(text), "entries of other devices are shown");
}

async function damagedChart(page) {
  const chart = page.locator(".chart").first();
  assert((await chart.getAttribute("data-damaged")) === "1", "the chart does not know of the damage");
  await has(page.locator(".lacks"), /1 stretch on the disk cannot be read: .* to /);
  await until(async () => (await inked(chart.locator("canvas"))).damage > 50, "damage is not drawn as such");
  await page.click("button:has-text('Table view')");
  await page.waitForSelector(".scroller.tall tbody tr");
  const rows = await page.locator(".scroller.tall tbody tr").allInnerTexts();
  const damaged = rows.filter((row) => /no data\s+no data\s+damaged$/.test(row)).length;
  assert(damaged >= 29 && damaged <= 31, `${damaged} rows of a minute are damaged`);
  assert(
    rows.some((row) => /no data\s+no data\s*$/.test(row)),
    "a gap is told as damage",
  );
  const download = page.waitForEvent("download");
  await page.click("button:text-is('CSV')");
  const csv = readFileSync(await (await download).path(), "utf8");
  assert(csv.split("\r\n").filter((row) => /,,,damaged$/.test(row)).length === damaged, "the CSV tells other damage");
}

async function expiredChart(page) {
  await has(page.locator(".lacks"), /What is kept begins at \d{4}-/);
  await page.click("button:has-text('Table view')");
  await page.waitForSelector(".scroller.tall tbody tr");
  const rows = await page.locator(".scroller.tall tbody tr").allInnerTexts();
  assert(
    rows.every((row) => /no data\s+no data\s+older than what is kept$/.test(row)),
    `not told in the table: ${rows[0]}`,
  );
}

async function depthInChart(page) {
  const chart = page.locator(".panel:has(.chart)");
  await has(chart.locator("footer"), /Kept: every value 12 d, minutes 90 d/);
  await page.click("button:text-is('1y')");
  await until(() => page.url().includes("range=1y"), "a year is not offered");
}

async function shallowChart(page) {
  await has(page.locator(".panel:has(.chart) footer"), /Kept: every value 7 h\./);
  assert((await page.locator("button:text-is('30d')").count()) === 0, "more is offered than is kept");
}

async function damagedLists(page) {
  const told = /1 place of this list cannot be read, and what was there is left out: .* to /;
  await has(page.locator(".panel", { has: page.locator("h2:text-is('Events')") }), told);
  await has(page.locator("#ledger"), told);
}

async function damagedOverview(page) {
  const told = /1 place of this list cannot be read, and what was there is left out: .* to /;
  await has(page.locator(".panel", { has: page.locator("h2:text-is('Recent events')") }), told);
}

/** Values that are no longer fresh are dimmed, with their age. */
async function stalePanels(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.clock.install();
  await page.goto(page.at("/settings"));
  await settled(page);
  await page.context().setOffline(true);
  await page.clock.fastForward(12_000);
  await page.waitForSelector("[role=alert]:has-text('cannot be reached')");
  await page.clock.fastForward(45_000);
  for (const panel of ["#store", "#ledger"]) {
    await has(page.locator(panel), /\d+ (s|min) old/);
    await page.waitForSelector(`${panel} .content.is-stale`);
  }
  await assertAccessible(page);
  await shoot(page, run, "state-data-stale");
  assertQuiet(page, /ERR_INTERNET_DISCONNECTED/);
}

/** The states, as names with what is forced, where to look and what to see there. */
const kStates = [
  ["data", "", "/settings", dataPanel],
  ["data of a young store", "station.young+ledger.empty", "/settings", youngStore],
  [
    "data without a store",
    "station.empty",
    "/settings",
    (page) => has(page.locator("#store"), /store does not answer/),
  ],
  ["ledger pages", "", "/settings", ledgerPages],
  ["ledger filter", "", "/settings", ledgerFilter],
  [
    "ledger filter without a match",
    "ledger.empty",
    "/settings?account=dropped",
    (page) => has(page.locator("#ledger"), /No such entry[\s\S]*another kind/),
  ],
  [
    "ledger fails",
    "ledger.500",
    "/settings",
    async (page) => {
      await has(page.locator("#ledger"), /not available at the moment[\s\S]*Retry/);
      await has(page.locator("#store"), /12\.6 GiB/);
    },
  ],
  ["ledger denied", "ledger.403", "/settings", (page) => has(page.locator("#ledger"), /Your role may not see this/)],
  ["ledger of a device", "", "/devices/acc-sw-03/events", ledgerOfDevice],
  ["damage in a chart", "", kDamagedHours, damagedChart],
  ["older than history", "", kLongAgo, expiredChart],
  ["depth of history", "", "/devices/core-sw-01", depthInChart],
  ["depth of a young store", "station.young", "/devices/core-sw-01", shallowChart],
  ["damage in lists", "events.damaged+ledger.damaged", "/devices/core-sw-01/events", damagedLists],
  ["damage among the events", "overview.damaged", "/", damagedOverview],
  [
    "share of time measured",
    "",
    "/devices/core-sw-01",
    (page) => has(page.locator(".panel").first(), /Available \S+%, measured \d+% of the time/),
  ],
];

async function forced(run, [name, mock, path, verify]) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", theme: "light", mock });
  await page.goto(page.at(path));
  await settled(page);
  await verify(page);
  await assertAccessible(page);
  await shoot(page, run, `state-${name.replaceAll(" ", "-")}`);
  assertQuiet(page, kServerError);
}

/** The checks as [name, work], for the caller to run. */
export const storeChecks = (run) => [
  ...kStates.map((state) => [`state: ${state[0]}`, () => forced(run, state)]),
  ["state: data that is not fresh", () => stalePanels(run)],
];
