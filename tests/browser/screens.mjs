// SPDX-License-Identifier: GPL-3.0-or-later
// Every screen in the views asked for (language, theme, phone or desktop); keyboard, search, navigation, charts.
// Nothing here depends on the data of a particular station.

import { readFileSync } from "node:fs";
import {
  assert,
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  has,
  inked,
  inParallel,
  kNarrow,
  kPhone,
  openPage,
  settled,
  shoot,
  steadyBox,
  until,
} from "./browser.mjs";

const kTabs = ["interfaces", "sensors", "resources", "events", "neighbours", "polling"];

/** Asks the API, as the signed-in browser, for devices that answer. */
async function findDevices(run) {
  const page = await openPage(run, { storage: run.signedIn });
  await page.goto(page.at("/"));
  const devices = await page.evaluate(() =>
    fetch("/api/v1/devices?limit=100&sort=state").then((answer) => answer.json()),
  );
  assert(devices.items.length > 0, "no device is listed");
  const usable = devices.items.filter((device) => device.state === "up");
  return (
    usable.find((device) => device.interfaces_total > 4 && device.sensors) ??
    usable.find((device) => device.interfaces_total) ??
    devices.items[0]
  );
}

async function look(run, path, name, { language, theme, size }) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language,
    theme,
    size,
  });
  await page.goto(page.at(path));
  await settled(page);
  assert((await page.locator("h1").count()) === 1, "there is not exactly one h1");
  const words = JSON.parse(readFileSync(new URL(`../../web-ui/src/lang/${language}.json`, import.meta.url), "utf8"));
  const text = await page.innerText("body");
  assert(text.includes(words["nav.overview"]), `the page does not speak ${language}`);
  const raw =
    /(?<![\w.])(?:nav|trust|verdict|alarms?|severity|step|act|done|col|port|chart|poll|polling|polled|fault|tab|about|store|event|reason|data|part|depth|gap|account|why)\.[a-z_]+(?!\w)/.exec(
      text,
    );
  assert(!raw, `an untranslated key is shown: ${raw?.[0]}`);
  await assertAccessible(page);
  await assertNoSideScroll(page);
  await shoot(page, run, `${name}-${language}-${theme}-${size.width}`);
  const languages = page.answers
    .filter((answer) => /\/assets\/(zh|en)-/.test(answer.path))
    .map((answer) => answer.path);
  assert(new Set(languages).size === 1, `languages downloaded: ${languages}`);
  assertQuiet(page);
}

async function narrow(run, paths) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language: "en",
    size: kNarrow,
  });
  for (const path of paths) {
    await page.goto(page.at(path));
    await settled(page);
    await assertNoSideScroll(page).catch((error) => assert(false, `${path}: ${error.message}`));
    await assertAccessible(page).catch((error) => assert(false, `${path}: ${error.message}`));
  }
}

async function devicesListed(run) {
  const page = await openPage(run, { storage: run.signedIn });
  await page.goto(page.at("/devices"));
  await settled(page);
  const rows = page.locator(".device-table tbody tr");
  assert((await rows.count()) > 0, "no device is listed");
  const name = await rows.first().locator("a").innerText();
  await page.fill("input[type=search]", name);
  await until(() => page.url().includes("q="), "the filter is not in the address");
  await until(
    async () => (await rows.count()) >= 1 && (await rows.first().locator("a").innerText()) === name,
    "the filter does not find the device",
  );
  await rows.first().locator("a").click();
  await until(async () => (await page.innerText("h1")) === name, "the device's page has another name");
  await until(
    () => page.evaluate(() => document.activeElement?.tagName === "H1"),
    "the focus does not follow the navigation",
  );
  await settled(page);
  await page.goBack();
  await until(() => new URL(page.url()).pathname === "/devices", "Back does not return");
  assertQuiet(page);
}

async function chartHasPoints(run, device) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at(`/devices/${encodeURIComponent(device.id)}`));
  await settled(page);
  const chart = page.locator(".chart").first();
  await until(async () => Number(await chart.getAttribute("data-points")) > 0, "the chart has no points");
  await has(page.locator(".panel:has(.chart) footer"), /UTC/);
  await until(async () => (await inked(chart.locator("canvas"))).kinds > 8, "the canvas is blank");
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await until(async () => (await chart.locator("[aria-live]").textContent()) !== "", "the cursor says nothing");
  await page.click("button:has-text('Table view')");
  await until(async () => (await page.locator(".scroller.tall tbody tr").count()) > 1, "the table view is empty");
  const download = page.waitForEvent("download");
  await page.click("button:text-is('CSV')");
  const csv = readFileSync(await (await download).path(), "utf8");
  assert(/^\ufeff?"time UTC/.test(csv) && csv.split("\r\n").length > 3, "the CSV is not right");
  assertQuiet(page);
}

async function zoomIsInTheAddress(run, device) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at(`/devices/${encodeURIComponent(device.id)}`));
  await settled(page);
  const box = await steadyBox(page.locator(".u-over").first());
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.3, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 6 });
  await page.mouse.move(box.x + box.width * 0.7, y, { steps: 6 });
  await page.mouse.up();
  await until(() => /from=\d+&to=\d+/.test(page.url()), "dragging does not zoom");
  await settled(page);
  await page.goBack();
  await until(() => !page.url().includes("from="), "Back does not undo the zoom");
  await page.click("button:text-is('24h')");
  await until(() => page.url().includes("range=24h"), "the range is not in the address");
  assertQuiet(page);
}

/** The two keys must come within a second or so, which a busy machine may not manage at once. */
async function goByKeys(page, key, path) {
  await until(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    return new URL(page.url()).pathname === path;
  }, `g ${key} does not open ${path}`);
}

async function keyboard(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at("/"));
  await settled(page);
  await page.keyboard.press("Tab");
  await until(
    async () => (await page.evaluate(() => document.activeElement?.className)) === "skip",
    "the first stop is not the skip link",
  );
  await page.keyboard.press("Enter");
  await until(
    async () => (await page.evaluate(() => document.activeElement?.id)) === "main",
    "the skip link does not reach the content",
  );
  await goByKeys(page, "d", "/devices");
  await page.waitForSelector(".device-table a[data-row]");
  await page.keyboard.press("j");
  await until(() => page.evaluate(() => document.activeElement?.hasAttribute("data-row")), "j does not move to a row");
  await goByKeys(page, "o", "/");
  await page.keyboard.press("?");
  await page.waitForSelector("#help[open]");
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  // The browser closes the dialog after the key was handled; until then keys belong to the dialog.
  await page.waitForSelector("#help:not([open])", { state: "attached" });
  await page.keyboard.press("/");
  await page.waitForSelector("#search[open]");
  await until(async () => (await page.locator("#hits [role=option]").count()) > 3, "search offers nothing");
  await assertAccessible(page);
  await shoot(page, run, "search");
  await page.keyboard.press("Enter");
  await until(() => new URL(page.url()).pathname.startsWith("/devices/"), "Enter does not open the first hit");
  assertQuiet(page);
}

/** What somebody wrote as the description of a port finds it, once, and leads to its device's interfaces. */
async function portIsFound(run, phone) {
  const words = run.station.mock ? "uplink" : "上联";
  const page = await openPage(run, {
    storage: run.signedIn,
    ...(phone ? { scheme: "dark", size: kPhone } : { language: "en" }),
  });
  await page.goto(page.at("/"));
  await settled(page);
  await page.keyboard.press("/");
  await page.waitForSelector("#search[open]");
  await page.fill("#search input", words);
  const hits = page.locator("#hits [role=option]");
  const ports = hits.filter({ hasText: words });
  await until(
    async () => (await ports.count()) > 0 && (await ports.count()) === (await hits.count()),
    "no port is found",
  );
  const told = await ports.allInnerTexts();
  assert(new Set(told).size === told.length, `a port is listed twice: ${told}`);
  await assertAccessible(page);
  await shoot(page, run, `search-port${phone ? "-phone" : ""}`);
  await page.keyboard.press("Enter");
  await until(
    () => /^\/devices\/[^/]+\/interfaces$/.test(new URL(page.url()).pathname),
    "Enter does not open the interfaces",
  );
  assertQuiet(page);
}

async function settingsStay(run) {
  const page = await openPage(run, { storage: run.signedIn, scheme: "dark" });
  await page.goto(page.at("/settings"));
  await settled(page);
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await until(async () => (await theme()) === "dark", "the system's dark theme is not followed");
  await page.click(".segments button:text-is('浅色')");
  await until(async () => (await theme()) === "light", "the theme does not change");
  await page.click(".segments button:text-is('English')");
  await until(async () => (await page.innerText("h1")) === "Settings", "the language does not change");
  assert(
    (await page.locator("code").innerText()).replace(/\s/g, "").length === 95,
    "the certificate's fingerprint is not shown",
  );
  await page.reload();
  await settled(page);
  assert((await theme()) === "light" && (await page.innerText("h1")) === "Settings", "the choices do not last");
  assertQuiet(page);
}

/** Some device hangs on another, and what tells of it is one click away. */
async function roomIsDrawn(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at("/topology"));
  const cable = page.locator(".cable", { hasText: "both ends" }).first();
  await cable.waitFor();
  assert((await page.locator(".node").count()) > 2, "hardly any device is drawn");
  await cable.click();
  await has(page.locator("dialog.evidence[open]"), /Each hears the other[\s\S]*LLDP/);
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.locator("a.node").first().click();
  await until(() => new URL(page.url()).pathname.startsWith("/devices/"), "a node does not lead to its device");
  assertQuiet(page);
}

async function unknownPlaces(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.goto(page.at("/no/such/page"));
  await page.waitForSelector("h1:has-text('no such page')");
  await page.goto(page.at("/devices/there-is-no-such-device"));
  await page.waitForSelector("text=This does not exist here");
  assertQuiet(page, /status of 404/);
}

export async function checkScreens(run) {
  const { check } = run;
  let device = null;
  await check("screens: a device is listed", async () => {
    device = await findDevices(run);
  });
  if (!device) return;
  const base = `/devices/${encodeURIComponent(device.id)}`;
  const screens = [
    ["/", "overview"],
    ["/alarms", "alarms"],
    ["/devices", "devices"],
    [base, "device"],
    ...kTabs.map((tab) => [`${base}/${tab}`, `device-${tab}`]),
    ["/topology", "topology"],
    ["/discovery", "discovery"],
    ["/workbench", "workbench"],
    ["/settings", "settings"],
  ];
  const looks = screens.flatMap(([path, name]) => run.views.map((view) => ({ path, name, view })));
  await inParallel(looks, ({ path, name, view }) =>
    check(`screens: ${name} ${view.language} ${view.theme} ${view.size.width} px`, () => look(run, path, name, view)),
  );
  await check("screens: nothing scrolls sideways at 320 px", () =>
    narrow(
      run,
      screens.map(([path]) => path),
    ),
  );
  await check("devices: listed, filtered, opened", () => devicesListed(run));
  await check("chart: points, cursor, table, CSV", () => chartHasPoints(run, device));
  await check("chart: zoom and range are in the address", () => zoomIsInTheAddress(run, device));
  await check("keyboard: skip link, shortcuts, search", () => keyboard(run));
  await check("search: a port by its alias", () => portIsFound(run, false));
  await check("search: a port by its alias, on a phone", () => portIsFound(run, true));
  await check("topology: drawn, with its evidence", () => roomIsDrawn(run));
  await check("settings: language and theme last", () => settingsStay(run));
  await check("screens: unknown addresses", () => unknownPlaces(run));
}
