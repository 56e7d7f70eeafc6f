// SPDX-License-Identifier: GPL-3.0-or-later
// States that only a mock station can be forced into: loading, empty, error, stale, no permission, offline, gaps.

import {
  assert,
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  has,
  inked,
  inParallel,
  kDesktop,
  kLayoutMs,
  kNarrow,
  openPage,
  settled,
  shoot,
  steadyBox,
  until,
} from "./browser.mjs";
import { startedAt } from "../../web-ui/dev/mock-data.mjs";
import { alarmChecks } from "./alarm_states.mjs";
import { setupChecks } from "./setup_states.mjs";
import { workbenchChecks } from "./workbench_states.mjs";
import { storeChecks } from "./store_states.mjs";
import { topologyChecks } from "./topology_states.mjs";

/** The hour before the mock station started: what is in it does not depend on how long the checks have been running. */
const kFixedHour = `/devices/core-sw-01?from=${startedAt - 3600}&to=${startedAt}`;
const kServerError = /status of (403|503)/;
const kCut = /ERR_EMPTY_RESPONSE|ERR_CONNECTION_(RESET|CLOSED)/;

/** Opens a page in a forced state, runs `verify`, and looks at it as every page is looked at. */
async function forced(run, mock, path, name, verify) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language: "en",
    mock,
  });
  await page.goto(page.at(path));
  await settled(page);
  await verify(page);
  await assertAccessible(page);
  await shoot(page, run, `state-${name}`);
  assertQuiet(page, kServerError);
}

const panel = (page, title) => page.locator(".panel", { has: page.locator(`h2:text-is("${title}")`) });

async function loading(run) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language: "en",
    mock: "all.hold",
  });
  await page.goto(page.at("/devices"));
  const bones = page.locator(".skeleton").first();
  await bones.waitFor({ state: "attached" });
  // A box that is replaced meanwhile has no style: look again.
  await until(
    async () => (await bones.evaluate((box) => getComputedStyle(box).animationDelay)) === "0.3s",
    "the skeleton does not wait 300 ms",
  );
  await until(
    async () => (await bones.evaluate((box) => getComputedStyle(box).opacity)) === "1",
    "the skeleton is not shown",
  );
  await assertAccessible(page);
  await shoot(page, run, "state-loading");
  await page.context().clearCookies({ name: "mock" });
  run.station.letGo();
  await page.waitForSelector(".device-table tbody tr");
  await settled(page);
}

/** A station that starts is no fault: the page says so calmly and fills itself when it is ready. */
async function starting(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: "starting" });
  await page.goto(page.at("/devices/core-sw-01/sensors"));
  await page.waitForSelector("h1:has-text('The station is starting')");
  assert(new URL(page.url()).pathname === "/devices/core-sw-01/sensors", "the page asked for is forgotten");
  assert((await page.locator("input, [role=alert], .is-crit").count()) === 0, "starting is shown as a fault");
  await assertAccessible(page);
  await shoot(page, run, "state-starting");
  await page.context().clearCookies({ name: "mock" });
  await page.waitForSelector("h1:has-text('core-sw-01')");
  await settled(page);
  assertQuiet(page, kServerError);
}

async function onePanelStarts(page) {
  const sensors = panel(page, "Sensors, last values");
  await has(sensors, /The station is starting[\s\S]*tries again by itself/);
  assert((await sensors.locator("button, .is-major").count()) === 0, "starting is shown as a fault");
  await page.context().clearCookies({ name: "mock" });
  await has(sensors, /Intake temperature/);
}

async function oneSample(page) {
  const chart = page.locator(".chart").first();
  assert((await chart.getAttribute("data-points")) === "2", "one sample of two series is not two points");
  await until(async () => (await inked(chart.locator("canvas"))).line >= 8, "a single value is not drawn");
}

/** Short words of a table stay on one line, and the sentence of the overview has room. */
const wordsAreWhole = (page) =>
  page.evaluate(() => {
    const lines = (cell) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return text.getClientRects().length;
    };
    const cells = [...document.querySelectorAll("td.c-class, td.c-address")];
    const sentence = document.querySelector(".verdict-text");
    return cells.every((cell) => lines(cell) === 1) && (!sentence || sentence.clientWidth >= 200);
  });

/** New values come every 10 s: they move the lines, and neither the cursor nor a drag that has begun. */
async function cursorStays(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.clock.install();
  await page.goto(page.at("/devices/core-sw-01"));
  await settled(page);
  const chart = page.locator(".chart").first();
  await chart.locator("canvas").evaluate((canvas) => (canvas.dataset.same = "yes"));
  const box = await steadyBox(page.locator(".u-over").first());
  await page.mouse.move(box.x + box.width / 3, box.y + 40);
  await page.waitForSelector(".tip");
  const asked = () => page.answers.filter((answer) => answer.path === "/api/v1/range").length;
  const before = asked();
  await page.clock.fastForward(41_000);
  await until(() => asked() > before, "the chart is not asked for again");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert((await page.locator(".tip").count()) === 1, "new values take the cursor away");
  assert((await chart.locator("canvas[data-same]").count()) === 1, "new values make a new chart");
  await has(page.locator(".tip"), /Mbit\/s/);
  assertQuiet(page);
}

/** 2,000 devices, and names as long as they may be: nothing is cut off, nothing pushes the page aside. */
async function crowded(run, size) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: "crowd", size });
  for (const path of ["/", "/devices", "/devices/dev-0003", "/devices/dev-0004/interfaces"]) {
    await page.goto(page.at(path));
    await settled(page);
    await assertNoSideScroll(page).catch((error) => assert(false, `${path}: ${error.message}`));
    await assertAccessible(page).catch((error) => assert(false, `${path}: ${error.message}`));
    await until(() => wordsAreWhole(page), `${path}: a word is broken, or a sentence squeezed`, kLayoutMs);
    await shoot(page, run, `state-crowd-${path.replaceAll("/", "_")}-${size.width}`);
  }
  assertQuiet(page);
}

async function pages(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: "crowd" });
  await page.goto(page.at("/devices?sort=address"));
  await settled(page);
  await has(panel(page, "All devices"), /50 of 2,000/);
  await page.getByRole("button", { name: "Next page" }).focus();
  await page.keyboard.press("Enter");
  await until(() => page.url().includes("cursor="), "the page is not in the address");
  await has(page.locator(".device-table tbody"), /10\.40\.51\.1/);
  assert(await page.evaluate(() => document.activeElement !== document.body), "the focus is lost on the next page");
  await page.goBack();
  await has(page.locator(".device-table tbody"), /10\.40\.1\.1/);
  assertQuiet(page);
}

async function onePanelFails(page) {
  const sensors = panel(page, "Sensors, last values");
  await has(sensors, /not available at the moment[\s\S]*Collection goes on[\s\S]*unavailable 503/);
  await has(panel(page, "Ports"), /24/);
  await page.context().clearCookies({ name: "mock" });
  await sensors.getByRole("button", { name: "Retry" }).click();
  await has(sensors, /Intake temperature/);
}

async function stale(page) {
  await has(page.locator(".trust"), /10 min/);
  assert((await page.locator(".trust .is-bad").count()) > 0, "the trust strip is not marked");
  await has(page.locator(".verdict"), /No new data for 10 min/);
  assert((await page.locator(".content.is-stale").count()) > 0, "no panel is dimmed");
  await has(panel(page, "Busiest interfaces"), /10 min[\s\S]* old[\s\S]*Mbit\/s/);
}

async function downDevice(page) {
  await has(page.locator(".page-head"), /Not answering/);
  await has(panel(page, "Polling"), /did not answer[\s\S]*unauthenticated source/);
  await has(panel(page, "Ports"), /old/);
  const chart = page.locator(".chart").first();
  assert(Number(await chart.getAttribute("data-gaps")) >= 1, "the outage is not a gap");
}

async function gaps(page) {
  const chart = page.locator(".chart").first();
  const [points, count] = await chart.evaluate((box) => [Number(box.dataset.points), Number(box.dataset.gaps)]);
  assert(points > 100 && count === 1, `${points} points, ${count} gaps`);
  await page.click("button:has-text('Table view')");
  await page.waitForSelector(".scroller.tall tbody tr");
  const rows = await page.locator(".scroller.tall tbody tr").allInnerTexts();
  const missing = rows.filter((row) => /no data\s+no data\s*$/.test(row));
  assert(missing.length >= 13 && missing.length <= 16, `${missing.length} rows without data`);
  assert(!rows.some((row) => /\t0\t0\s*$/.test(row)), "a gap is shown as zero");
}

/** A gap must not be bridged: the pixels in its middle are background or hatch, never the colour of a line. */
async function gapIsNotBridged(run) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language: "en",
    theme: "light",
  });
  await page.goto(page.at(kFixedHour));
  await settled(page);
  const canvas = page.locator(".chart canvas").first();
  let seen = null;
  await until(
    async () => (seen = await inked(canvas)).line > 100 && seen.bare > seen.width * 0.08,
    () => `the longest stretch without a line is ${seen?.bare} of ${seen?.width} px`,
  );
}

async function nothingMeasured(page) {
  assert((await page.locator(".chart").first().getAttribute("data-points")) === "0", "points appear from nothing");
  const legend = await page.locator(".legend").first().innerText();
  assert(/no data/.test(legend) && !/\b0\b/.test(legend), `missing is shown as a number: ${legend}`);
}

async function goneOffline(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.clock.install();
  await page.goto(page.at("/"));
  await settled(page);
  await page.context().setOffline(true);
  await page.clock.fastForward(12_000);
  await page.waitForSelector("[role=alert]:has-text('cannot be reached')", {});
  await has(page.locator(".verdict"), /acc-sw-03/);
  await assertAccessible(page);
  await shoot(page, run, "state-offline");
  await page.click("text=Retry now");
  await page.context().setOffline(false);
  await page.waitForSelector("[role=alert]:has-text('cannot be reached')", {
    state: "detached",
  });
  assertQuiet(page, /ERR_INTERNET_DISCONNECTED/);
}

/** What the page believes of itself: shown or hidden behind another tab. */
const setHidden = (page, hidden) =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

async function pollsPolitely(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.addInitScript(() => {
    const real = window.fetch;
    window.asked = 0;
    window.fetch = (...call) => {
      window.asked += 1;
      return real(...call);
    };
  });
  const asked = () => page.evaluate(() => window.asked);
  await page.clock.install();
  await page.goto(page.at("/devices/core-sw-01/events"));
  await settled(page);
  await page.clock.fastForward(12_000);
  await until(() => page.answers.some((answer) => answer.status === 304), "nothing is answered with 304");
  await setHidden(page, true);
  const before = await asked();
  await page.clock.fastForward(3_600_000);
  await setHidden(page, true);
  assert((await asked()) === before, "a hidden page goes on polling");
  await setHidden(page, false);
  await until(async () => (await asked()) > before, "a page shown again does not ask at once");
}

/** A session that the station was not told to end is not shown as ended. */
async function signOutUnheard(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: "session.drop" });
  await page.goto(page.at("/settings"));
  await settled(page);
  await page.click("text=Sign out");
  await page.waitForSelector(".toast:has-text('session is still valid')");
  assert((await page.$(".app")) !== null, "the page says goodbye although the session lives on");
  assertQuiet(page, kCut);
}

/** The link from the key figures leads to the part of the settings that it names. */
async function linkToPart(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", size: kNarrow });
  await page.goto(page.at("/"));
  await settled(page);
  await page.click("a[href='/settings#store']");
  await page.waitForSelector("#store tbody tr");
  await until(
    async () => Math.abs((await page.locator("#store").boundingBox()).y) < 300,
    "the store's panel is not in view",
  );
  assertQuiet(page);
}

/** Strings that cannot be had are not replaced by their names. */
async function speechless(run) {
  const other = await openPage(run, { storage: run.signedIn });
  await other.route("**/assets/zh-*.json", (route) => route.abort());
  await other.goto(other.at("/settings"));
  await other.waitForSelector("h1:has-text('Settings')");
  const none = await openPage(run, { storage: run.signedIn });
  await none.route("**/assets/*.json", (route) => route.abort());
  await none.goto(none.at("/settings"));
  await none.waitForSelector("#app:has-text('please reload it')");
}

async function expired(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at("/devices"));
  await settled(page);
  await page.context().clearCookies({ name: "session" });
  await page.click("nav.rail >> text=Settings");
  await page.waitForSelector("input[name=password]");
  await until(
    () => page.url().includes("next=%2Fsettings"),
    () => `went to ${page.url()}`,
  );
}

/** Why a device is polled as it is: name, mock, address, what has to be seen. */
const kWhy = [
  [
    "a value",
    "",
    "/devices/core-sw-01/polling?metric=if_oper_status",
    async (page) => {
      await has(panel(page, "Where a value comes from"), /1\.3\.6\.1\.2\.1\.2\.2\.1\.8\.1/);
      await has(panel(page, "Last request"), /GETBULK/);
      await page.selectOption("select", "up");
      await has(panel(page, "Where a value comes from"), /Measured by the poller/);
      await page.selectOption("select", "temperature_celsius");
      await has(panel(page, "Where a value comes from"), /No value of this metric was read/);
    },
  ],
  [
    "strain",
    "why.strain+device.strain",
    "/devices/core-sw-01/polling",
    (page) =>
      has(
        panel(page, "Last request"),
        /A poll took 17 s: the device is asked every 2 min instead of every 30 s, until it keeps up\. Most of it went for: Sensors\./,
      ),
  ],
  [
    "strain in the summary",
    "device.strain+events.strain",
    "/devices/core-sw-01",
    async (page) => {
      await has(panel(page, "Polling"), /2 min \(configured: 30 s\)/);
      await has(page.locator("main"), /needs too long to answer; it is polled less often/);
    },
  ],
  [
    "not asked yet",
    "why.unasked",
    "/devices/core-sw-01/polling",
    async (page) => {
      await has(page.locator("body"), /Not polled yet/);
      assert(
        (await panel(page, "What was learned of the device").count()) === 0,
        "a device that nobody asked is known",
      );
    },
  ],
  ["failed", "why.500", "/devices/core-sw-01/polling", (page) => has(page.locator("body"), /Retry/)],
  [
    "no permission",
    "why.403",
    "/devices/core-sw-01/polling",
    (page) => has(page.locator("body"), /Your role may not see this/),
  ],
];

export async function checkStates(run) {
  const checks = [];
  const check = (name, work) => checks.push(() => run.check(name, work));
  const state = (name, mock, path, verify) =>
    check(`state: ${name}`, () => forced(run, mock, path, name.replaceAll(" ", "-"), verify));
  check("state: loading", () => loading(run));
  state("all well", "calm", "/", (page) =>
    has(page.locator(".verdict"), /All 12 devices answer normally[\s\S]*Last check/),
  );
  state("all answer and one is hot", "calm+hot", "/", async (page) => {
    await has(page.locator(".verdict.is-major"), /1 major alarm is active[\s\S]*12 of 12 answer normally/);
    await page.click(".verdict a");
    await has(page.locator(".alarm-table tbody"), /env-01: Temperature high/);
  });
  state("all answer and alarms are not known", "calm+unread", "/", (page) =>
    has(page.locator(".verdict.is-unknown"), /All 12 devices answer; alarms are not known/),
  );
  check("state: the station starts", () => starting(run));
  state("one panel starts", "sensors.starting", "/devices/core-sw-01", onePanelStarts);
  state("overview starts", "overview.starting", "/", (page) => has(page.locator("main"), /station is starting/));
  state("one panel fails", "sensors.500", "/devices/core-sw-01", onePanelFails);
  state("overview fails", "overview.500", "/", (page) => has(page.locator("main"), /not available[\s\S]*Retry/));
  state("no device", "overview.empty+devices.empty", "/", (page) =>
    has(page.locator("main"), /No devices are configured yet/),
  );
  state("no match", "", "/devices?q=nothing-like-this", (page) =>
    has(page.locator("main"), /No device matches[\s\S]*Clear filters/),
  );
  state(
    "no interfaces",
    "interfaces.empty+sensors.empty+resources.empty+events.empty",
    "/devices/core-sw-01/interfaces",
    (page) => has(page.locator("main"), /reports no interfaces/),
  );
  state("what a device is built of", "", "/devices/core-sw-01", (page) =>
    has(
      panel(page, "Built of"),
      /PWR slot 1\s+power supply · PAC600S12-CB\s+2102312PDC6TL1000456[\s\S]*FAN slot 1 <b>/,
    ),
  );
  state("no events", "events.empty", "/devices/core-sw-01/events", (page) =>
    has(page.locator("main"), /No state has changed yet/),
  );
  state("no events among the newest", "events.sparse+ledger.sparse", "/devices/core-sw-01/events", async (page) => {
    await has(page.locator("main"), /None among the newest[\s\S]*Older events[\s\S]*Older entries/);
    assert(!/No state has changed yet|Nothing is missing/.test(await page.innerText("main")), "a part is called all");
  });
  state("no permission", "station.403", "/settings", (page) =>
    has(page.locator("main"), /Your role may not see this[\s\S]*administrator/),
  );
  state("stale", "stale", "/", stale);
  state("store gone", "store_gone", "/", (page) => has(page.locator(".app"), /store does not answer/));
  state("device down", "", "/devices/acc-sw-03", downDevice);
  state("hostile text", "", "/devices/core-sw-01", (page) =>
    has(panel(page, "What the device says"), /<b>Qinghe<\/b> <U\+202E>operations/),
  );
  state("chart gap", "", kFixedHour, gaps);
  state("one sample", "range.one", "/devices/core-sw-01", oneSample);
  state("nothing measured", "range.empty", "/devices/core-sw-01", nothingMeasured);
  for (const [name, mock, path, verify] of kWhy) state(`why, ${name}`, mock, path, verify);
  check("state: the gap is not bridged", () => gapIsNotBridged(run));
  for (const size of [kDesktop, kNarrow]) {
    check(`state: crowded room, ${size.width} px`, () => crowded(run, size));
  }
  check("state: new values leave the cursor", () => cursorStays(run));
  check("state: pages of a long list", () => pages(run));
  check("state: offline", () => goneOffline(run));
  check("state: signing out unheard", () => signOutUnheard(run));
  check("state: link to a part of the settings", () => linkToPart(run));
  check("state: no strings", () => speechless(run));
  check("state: session ended", () => expired(run));
  check("state: polls with 304 and rests while hidden", () => pollsPolitely(run));
  for (const [name, work] of [
    ...storeChecks(run),
    ...alarmChecks(run),
    ...setupChecks(run),
    ...topologyChecks(run),
    ...workbenchChecks(run),
  ])
    check(name, work);
  await inParallel(checks, (one) => one());
}
