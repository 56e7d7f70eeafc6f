// SPDX-License-Identifier: GPL-3.0-or-later
// The wizard of a new station from its first question to the overview, discovery afterwards, and both in every state.

import {
  assert,
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  has,
  kDesktop,
  kNarrow,
  kPhone,
  openPage,
  settled,
  shoot,
  until,
} from "./browser.mjs";

const kServerError = /status of (403|409|503)/;
const kRows = ".found";

let pagesOpened = 0;
/** A station that no other page sees. */
const own = (more = "") => `own-${Date.now()}-${(pagesOpened += 1)}${more && `+${more}`}`;

export const forward = (page) => page.click(".step footer .primary");
const title = (page, words) => has(page.locator("h1"), words);

async function looked(run, page, name) {
  await assertAccessible(page);
  await assertNoSideScroll(page);
  await shoot(page, run, `setup-${name}`);
}

async function namesTheStation(run, page, look) {
  await title(page, /Name and site/);
  assert(new URL(page.url()).pathname === "/setup", "a new station does not ask to be set up");
  await forward(page);
  await has(page.locator(".step footer .error"), /enter a name/);
  await page.fill("input[name=name]", "Qinghe county room");
  await page.fill("input[name=province]", "Jianglan");
  await page.fill("input[name=county]", "Qinghe");
  await looked(run, page, `site-${look}`);
  await forward(page);
  await title(page, /Subnets to search/);
}

async function choosesSubnets(run, page, look) {
  const rows = page.locator(".picks li");
  await has(rows.nth(0), /10\.36\.7\.0\/24[\s\S]*254 addresses[\s\S]*eth0/);
  assert(await rows.nth(0).locator("input").isChecked(), "a small subnet of its own is not ticked");
  assert(!(await rows.nth(1).locator("input").isChecked()), "a /16 is ticked");
  await page.fill("#subnet", "10.36.9.0/8");
  await page.press("#subnet", "Enter");
  await has(page.locator("#subnet-error"), /from \/16 to \/32/);
  await page.fill("#subnet", "10.36.9.0/28");
  await page.press("#subnet", "Enter");
  await has(rows.nth(2), /10\.36\.9\.0\/28[\s\S]*14 addresses/);
  await has(page.locator("main"), /268 addresses in all/);
  await page.fill("input[name=port]", "0");
  await forward(page);
  await has(page.locator(".step footer .error"), /from 1 to 65535/);
  await page.fill("input[name=port]", "161");
  await looked(run, page, `subnets-${look}`);
  await forward(page);
  await title(page, /Credentials/);
}

async function setsCredentials(run, page, look) {
  await forward(page);
  await has(page.locator(".step footer .error"), /Enter the community/);
  await page.click(".segments button:has-text('SNMPv3')");
  await page.fill("input[name=user]", "reader");
  await page.fill("input[name=auth_passphrase]", "too few");
  await page.fill("input[name=priv_passphrase]", "enough of them");
  await forward(page);
  await has(page.locator(".step footer .error"), /at least 8/);
  await page.fill("input[name=auth_passphrase]", "enough of these");
  await page.fill("input[name=name]", "core");
  await looked(run, page, `user-${look}`);
  await page.click("button:text-is('Save')");
  await has(page.locator(".picks li"), /core\s+encrypted\s+SNMPv3 · reader/);
  await page.click("text=Add a credential");
  await page.click(".segments button:has-text('SNMPv2c')");
  await page.fill("input[name=community]", "hush");
  await looked(run, page, `credentials-${look}`);
  await forward(page);
  await title(page, /Searching/);
  const page2 = await page.evaluate(() => fetch("/api/v1/setup").then((answer) => answer.text()));
  assert(!/hush|enough/.test(page2), "a secret comes back");
}

async function searches(run, page, look) {
  const sweep = page.locator(".sweep");
  await has(sweep, /of 60 addresses asked/);
  await page.click("text=Pause");
  await has(sweep, /Paused/);
  await looked(run, page, `search-${look}`);
  await page.reload();
  await has(sweep, /Paused/);
  await page.click("text=Resume");
  await has(sweep, /Done[\s\S]*60 of 60 addresses asked, 5 found, 2 that answer to no credential/);
  await forward(page);
}

async function reviews(run, page, look) {
  await title(page, /Review what was found/);
  const rows = page.locator(kRows);
  await has(page.locator(".step > main"), /60 of 60 addresses asked, 7 found, 5 ready/);
  await has(rows.nth(0), /10\.36\.7\.40\s+Credential refused/);
  await has(
    rows.nth(1),
    /10\.36\.7\.44\s+No credential fits\s+ping, IPMI \(management controller\), TCP 443, ARP · It is there/,
  );
  await has(rows.nth(2), /core-sw-01\s+Ready\s+10\.36\.7\.1 10\.36\.8\.1 · huawei S6730-H48X6C · Switch/);
  assert(await rows.nth(0).locator("input").isDisabled(), "what cannot be polled can be ticked");
  assert((await page.locator(`${kRows} input:checked`).count()) === 5, "those that are ready are not ticked");
  await rows.nth(2).locator("summary").click();
  await has(rows.nth(2), /huawei-switch\s+sysObjectID 1\.3\.6\.1\.4\.1\.2011[\s\S]*if-mib\s+probe/);
  await has(rows.nth(2), /<script>alert\(1\)<\/script><U\+202E>/);
  await rows.nth(2).locator("input[name=location]").fill("Row A, rack 1");
  await page.keyboard.press("Enter");
  await looked(run, page, `review-${look}`);
  await page.click(".chip:has-text('Need you')");
  await until(async () => (await rows.count()) === 2, "the filter does not leave the two with a problem");
  await page.click(".chip:has-text('All')");
  await rows.nth(6).locator("input[type=checkbox]").uncheck();
  await has(page.locator(".step footer"), /Add the 4 selected/);
  await forward(page);
}

async function wholeWizard(run, look) {
  const page = await openPage(run, { ...look, storage: run.signedIn, mock: own("setup") });
  const taken = [];
  page.on("request", (request) => request.url().endsWith("/discovery/devices") && taken.push(request.postDataJSON()));
  const name = `${look.theme}-${look.size.width}`;
  await page.goto(page.at("/"));
  await namesTheStation(run, page, name);
  await choosesSubnets(run, page, name);
  await setsCredentials(run, page, name);
  await searches(run, page, name);
  await reviews(run, page, name);
  await title(page, /This site is being watched/);
  assert(taken.length === 4, `${taken.length} devices are taken over`);
  const { id, name: itsName, location } = taken[0];
  assert(`${id} "${itsName}" ${location}` === 'core-sw-01 "" Row A, rack 1', `taken as ${JSON.stringify(taken[0])}`);
  await has(page.locator(".checks"), /4 devices added\s+4 of 4 answer\s+2 need you/);
  await looked(run, page, `done-${name}`);
  await forward(page);
  await has(page.locator(".verdict"), /All 4 devices answer normally/);
  await page.goto(page.at("/discovery"));
  await has(page.locator(kRows, { hasText: "watched as acc-sw-2" }), /10\.36\.7\.22/);
  assertQuiet(page, kServerError);
}

/** One that the station refuses keeps its reason, the others are taken. */
async function oneIsRefused(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own("accept.refused") });
  await page.goto(page.at("/discovery"));
  await has(page.locator(".accept-bar"), /Add the 4 selected/);
  await page.click(".accept-bar .btn");
  await has(page.locator(".toast"), /1 could not be added/);
  await has(page.locator(kRows, { hasText: "ups-01" }), /Not taken/);
  await has(page.locator(kRows, { hasText: "watched as acc-sw-2" }), /10\.36\.7\.22/);
  assertQuiet(page, kServerError);
}

async function ignoredAndBack(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own() });
  await page.goto(page.at("/discovery"));
  const row = page.locator(kRows, { hasText: "ups-01" });
  await row.locator("summary").click();
  await row.locator("text=Ignore").click();
  await has(page.locator(".toast"), /Ignored/);
  await has(row, /Ignored/);
  await has(page.locator(".accept-bar"), /Add the 3 selected/);
  await row.locator("text=Do not ignore").click();
  await has(page.locator(".accept-bar"), /Add the 4 selected/);
  assertQuiet(page);
}

/** What changed and what is gone stands in front, and is accepted or ignored. */
async function settlesDifferences(run, look) {
  const page = await openPage(run, { ...look, storage: run.signedIn, language: "en", mock: own() });
  await page.goto(page.at("/discovery"));
  const rows = page.locator(".difference");
  await has(rows.nth(0), /printer-2\s+Gone[\s\S]*10\.36\.7\.19 · last seen/);
  await has(rows.nth(1), /core-sw-01\s+Changed[\s\S]*serial number SN-0 → SN-1[\s\S]*version 8\.0 <b> → 8\.1/);
  await has(page.locator(kRows, { hasText: "ups-01" }), /New/);
  assert(
    await page.locator(kRows, { hasText: "ups-01" }).locator("input").first().isChecked(),
    "a new one is not ticked",
  );
  await has(page.locator(".sweep"), /Fewer than half of the known devices/);
  await has(page.locator("body"), /searches all of them again by itself/);
  await looked(run, page, `differences-${look.theme}-${look.size.width}`);
  await rows.nth(0).locator("button", { hasText: "Ignore" }).click();
  await has(rows.nth(0), /Ignored/);
  await rows.nth(0).locator("button", { hasText: "Do not ignore" }).click();
  await has(rows.nth(0), /Gone/);
  await rows.nth(1).locator("button", { hasText: "Accept" }).click();
  await until(async () => (await rows.count()) === 1, "what was accepted stands still");
  await rows.nth(0).locator("button", { hasText: "Accept" }).click();
  await until(async () => (await rows.count()) === 0, "what was accepted stands still");
  assertQuiet(page);
}

async function searchedAgain(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own("sweep.stuck") });
  await page.goto(page.at("/discovery"));
  await has(page.locator(".sweep"), /Done[\s\S]*core: refused by three devices/);
  await page.click("button:text-is('Search')");
  await has(page.locator(".sweep"), /Searching[\s\S]*0 of 60/);
  await page.click("text=Stop");
  await has(page.locator(".sweep"), /Stopped/);
  await page.waitForSelector("button:text-is('Search')");
  assertQuiet(page);
}

async function later(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own("setup") });
  await page.goto(page.at("/"));
  await page.click("text=Later");
  await has(page.locator(".verdict"), /No devices are configured yet[\s\S]*Set up/);
  await page.click(".verdict a");
  await title(page, /Name and site/);
  assertQuiet(page);
}

/** One that was entered for other subnets is not sent farther until it is entered again. */
async function heldBack(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own("setup") });
  await page.goto(page.at("/setup?step=credentials"));
  await page.fill("input[name=community]", "hush");
  await forward(page);
  await title(page, /Searching/);
  await page.goto(page.at("/setup?step=subnets"));
  await page.fill("#subnet", "10.99.0.0/28");
  await page.press("#subnet", "Enter");
  await forward(page);
  const row = page.locator(".picks li", { hasText: "room" });
  await has(row, /Goes to 10\.36\.7\.0\/24, port 161, only: enter it again/);
  assert(await row.locator("input").isDisabled(), "what is held can be ticked");
  await looked(run, page, "held");
  await page.fill("input[name=name]", "room");
  await page.fill("input[name=community]", "hush");
  await forward(page);
  await title(page, /Searching/);
  assertQuiet(page);
}

async function viewerLooks(run) {
  const page = await openPage(run, { language: "en", mock: own() });
  await page.goto(page.at("/discovery"));
  await page.fill("input[name=user]", "viewer");
  await page.fill("input[name=password]", "outstation-view");
  await page.click("button[type=submit]");
  await has(page.locator(".found").first(), /Credential refused/);
  for (const act of [".accept-bar", "button:text-is('Search')", "text=Subnets and credentials", "text=Ignore"])
    assert((await page.locator(act).count()) === 0, `a viewer is offered ${act}`);
  await assertAccessible(page);
  await page.goto(page.at("/setup"));
  await has(page.locator("main"), /Only an administrator[\s\S]*viewer/);
  await assertAccessible(page);
  await shoot(page, run, "setup-denied");
  assertQuiet(page);
}

async function stale(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own() });
  await page.clock.install();
  await page.goto(page.at("/discovery"));
  await page.waitForSelector(kRows);
  await page.context().addCookies([{ name: "mock", value: "candidates.500+discovery.500", url: run.station.url }]);
  await page.clock.fastForward(45_000);
  await has(page.locator(".panel", { hasText: "Devices found" }), /\d+ s old/);
  await has(page.locator(kRows).first(), /Credential refused/);
  await shoot(page, run, "discovery-stale");
  assertQuiet(page, kServerError);
}

/** [name, modes, path, what is then in the page]. */
const kStates = [
  ["set-up fails", "setup+setup.500", "/setup", /not available[\s\S]*Retry/],
  ["set-up starts", "setup+setup.starting", "/setup", /station is starting/],
  ["set-up is refused", "setup+setup.403", "/setup", /may not see this/],
  ["nothing found in set-up", "setup+candidates.empty", "/setup?step=review", /Nothing was found/],
  ["candidates fail in set-up", "setup+candidates.500", "/setup?step=review", /not available[\s\S]*Retry/],
  ["discovery fails", "candidates.500+discovery.500", "/discovery", /not available[\s\S]*Retry/],
  ["discovery is refused", "candidates.403", "/discovery", /may not see this/],
  [
    "discovery of a new station",
    "setup",
    "/discovery",
    /Not searched yet[\s\S]*No subnet is set yet[\s\S]*Subnets and credentials/,
  ],
  ["nothing found", "candidates.empty", "/discovery", /Nothing was found/],
  [
    "credentials in the configuration file",
    "",
    "/setup?step=credentials",
    /core[\s\S]*Goes only where the configuration/,
  ],
  ["name in the configuration file", "", "/setup?step=site", /station\.yaml says this[\s\S]*青禾县机房/],
];

async function forced(run, [name, modes, path, words]) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own(modes) });
  await page.goto(page.at(path));
  await has(page.locator("body"), words);
  await assertAccessible(page);
  await assertNoSideScroll(page);
  await shoot(page, run, `state-${name.replaceAll(" ", "-")}`);
  assertQuiet(page, kServerError);
}

async function loading(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own("setup+setup.hold") });
  await page.goto(page.at("/setup"));
  await page.locator(".skeleton").waitFor({ state: "attached" });
  await assertAccessible(page);
  await page.context().addCookies([{ name: "mock", value: "setup", url: run.station.url }]);
  run.station.letGo();
  await title(page, /Name and site/);
}

/** Every step fits the narrowest phone. */
async function narrow(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: own(), size: kNarrow });
  for (const step of ["site", "subnets", "credentials", "search", "review", "done"]) {
    await page.goto(page.at(`/setup?step=${step}`));
    await page.waitForSelector(".step footer");
    await assertNoSideScroll(page);
  }
  await page.goto(page.at("/discovery"));
  await settled(page);
  await assertNoSideScroll(page);
}

/** The checks as [name, work], for the caller to run. */
export const setupChecks = (run) => [
  ["set-up: all steps on a phone", () => wholeWizard(run, { language: "en", theme: "light", size: kPhone })],
  ["set-up: all steps on a desktop", () => wholeWizard(run, { language: "en", theme: "dark", size: kDesktop })],
  ["set-up: later", () => later(run)],
  ["set-up: loading", () => loading(run)],
  ["set-up: nothing scrolls sideways at 320 px", () => narrow(run)],
  ["discovery: one is refused, the others are taken", () => oneIsRefused(run)],
  ["discovery: ignored and back", () => ignoredAndBack(run)],
  ["set-up: a credential goes no farther unasked", () => heldBack(run)],
  ["discovery: differences on a phone", () => settlesDifferences(run, { theme: "light", size: kPhone })],
  ["discovery: differences on a desktop", () => settlesDifferences(run, { theme: "dark", size: kDesktop })],
  ["discovery: searched again and stopped", () => searchedAgain(run)],
  ["discovery: a viewer looks", () => viewerLooks(run)],
  ["discovery: data that is not fresh", () => stale(run)],
  ...kStates.map((state) => [`state: ${state[0]}`, () => forced(run, state)]),
];
