// SPDX-License-Identifier: GPL-3.0-or-later
// The alarms in every state: list, filters, one alarm with its record, and what people do about it.

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

const kHot = "/alarms/17c217c217c217c2";
const kDown = "/alarms/0a310a310a310a31";
const kRows = ".alarm-table tbody tr";

const one = (page) => page.locator(".alarm-one");
let pagesOpened = 0;
/** A page whose steps no other page sees. */
const own = (more = "") => `own-${Date.now()}-${(pagesOpened += 1)}${more && `+${more}`}`;

async function list(page) {
  await has(page.locator(".alarm-head"), /6 active, 4 not taken[\s\S]*Active 6[\s\S]*Muted 1[\s\S]*History 2/);
  const rows = page.locator(kRows);
  await has(rows.nth(0), /Critical[\s\S]*acc-sw-03: Device unreachable[\s\S]*Not taken/);
  await has(rows.nth(1), /Major[\s\S]*env-01: Temperature high[\s\S]*75\.4 °C, limit 75 °C[\s\S]*li\.gong/);
  await has(page.locator(kRows, { hasText: "srv-db-01" }), /9 d 4 h, limit 14 d/);
  await has(page.locator(kRows, { hasText: "nas-01" }), /93%, limit 90%/);
  await has(page.locator(kRows, { hasText: "core-sw-01" }), /GE1\/0\/6 · came back 1 time/);
  await has(page.locator("nav.rail a[href='/alarms'] + .count"), /Critical\s+1\s+Major\s+1/);
}

async function filters(page) {
  const rows = page.locator(kRows);
  await page.click(".chip:has-text('Minor')");
  await until(async () => (await rows.count()) === 3, "the filter does not leave the three minor ones");
  assert(page.url().includes("severity=minor"), "the filter is not in the address");
  await page.click(".chip:has-text('Not taken')");
  await until(async () => (await rows.count()) === 2, "the taken one is not left out");
  await page.click(".chip:has-text('Critical')");
  await page.click(".segments button:has-text('Muted')");
  await has(page.locator("main"), /No alarm matches[\s\S]*Clear filters/);
  await page.click("text=Clear filters");
  await has(rows.first(), /eth2[\s\S]*Muted until \d\d-\d\d/);
  await page.click(".segments button:has-text('History')");
  await until(async () => (await rows.count()) === 2, "the history has not two alarms");
  await has(rows.first(), /Cleared/);
  // It was noted on later: that was not its end.
  await has(rows.nth(1), /Cold aisle[\s\S]*\b1 h\b/);
}

async function opened(page) {
  await has(one(page), /env-01: Temperature high[\s\S]*Taken by\s+li\.gong[\s\S]*Rule\s+temperature-high/);
  const steps = await one(page).locator(".timeline li").allInnerTexts();
  const words = [
    /Note[\s\S]*li\.gong/,
    /Assigned to li\.gong/,
    /Worse: Major[\s\S]*by the rule/,
    /Taken/,
    /Raised as Minor/,
  ];
  assert(
    steps.length === words.length && words.every((word, index) => word.test(steps[index])),
    `the record is ${JSON.stringify(steps)}`,
  );
  assert(/<b>the maker<\/b> comes at 16:00 <U\+202E>/.test(steps[0]), `a note is not shown as text: ${steps[0]}`);
  await page.click(`${kRows} a:has-text('nas-01')`);
  await has(one(page), /nas-01: CPU busy for long/);
  await page.goBack();
  await has(one(page), /env-01/);
  await page.click(".alarm-close");
  await until(async () => (await one(page).count()) === 0, "the alarm cannot be closed");
}

async function taken(page) {
  await page.fill("textarea", "On my way");
  await page.locator("h1").click();
  await page.keyboard.press("a");
  await has(page.locator(".toast"), /Taken/);
  await has(one(page).locator(".timeline li").first(), /Taken[\s\S]*admin[\s\S]*On my way/);
  await has(page.locator(kRows, { hasText: "acc-sw-03" }), /admin/);
  assert((await page.locator("text=Take and save note").count()) === 0, "it can be taken twice");
  await page.keyboard.press("n");
  await page.keyboard.type("Fibre is broken");
  await page.click("text=Save note");
  await has(one(page).locator(".timeline li").first(), /Note[\s\S]*Fibre is broken/);
  assert((await page.inputValue("textarea")) === "", "the note stays in its field");
}

async function mutedAndBack(page) {
  await page.click("text=Mute…");
  await page.selectOption("select[name=hours]", "4");
  await page.fill("input[name=text]", "Works until noon");
  await assertAccessible(page);
  await page.click(".act-sheet button");
  await has(page.locator(".toast"), /Muted/);
  await has(one(page), /Muted until[\s\S]*Works until noon/);
  await until(async () => (await page.locator(kRows, { hasText: "acc-sw-03" }).count()) === 0, "it is still listed");
  await page.click("text=End muting");
  await has(page.locator(kRows, { hasText: "acc-sw-03" }), /Not taken/);
}

async function assignedAndClosed(page) {
  await page.click("text=Assign…");
  await page.fill("input[name=text]", "chen.xi");
  await page.click(".act-sheet button");
  await has(one(page), /Assigned to\s+chen\.xi/);
  await page.click("text=Close by hand…");
  await page.click(".act-sheet button");
  assert(await page.locator("input[name=text]:invalid").count(), "it is closed without a word");
  await page.fill("input[name=text]", "Planned work");
  await page.click(".act-sheet button");
  await has(one(page).locator(".timeline li").first(), /Cleared[\s\S]*admin[\s\S]*Planned work/);
  assert((await page.locator("text=Close by hand…").count()) === 0, "it can be closed twice");
  await has(page.locator("nav.rail a[href='/alarms'] + .count"), /^Major\s+1$/);
}

async function notSaved(page) {
  await page.fill("textarea", "Not to be lost");
  await page.click("text=Save note");
  await has(one(page).locator("[role=alert]"), /Nothing was saved/);
  assert((await page.inputValue("textarea")) === "Not to be lost", "what was written is lost");
}

/** alertd does not follow the journal: that nothing was saved is known. */
async function notNow(page) {
  await page.fill("textarea", "Later then");
  await page.click("text=Save note");
  await has(one(page).locator("[role=alert]"), /^Nothing was saved: the store does not answer/);
  assert((await page.inputValue("textarea")) === "Later then", "what was written is lost");
}

/** The station took it, and its answer did not come: what is saved again is there once. */
async function notKnown(page) {
  await page.fill("textarea", "Fan is loud");
  for (let time = 0; time < 2; time += 1) {
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await page.click("text=Save note");
    await answered;
    await has(one(page).locator("[role=alert]"), /^It is not known whether this was saved/);
  }
  assert((await page.inputValue("textarea")) === "Fan is loud", "what was written is lost");
  await has(one(page).locator(".timeline li").first(), /Fan is loud/);
  assert((await one(page).locator(".timeline li", { hasText: "Fan is loud" }).count()) === 1, "it is recorded twice");
}

/** Who looks for the second key of "g a", or holds a key down, takes nothing. */
async function slowKeys(page) {
  await has(one(page), /acc-sw-03/);
  await page.locator("h1").click();
  await page.keyboard.press("g");
  await page.waitForTimeout(1500);
  await page.keyboard.press("a");
  await page.evaluate(() =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", repeat: true, bubbles: true })),
  );
  await page.waitForTimeout(300);
  assert((await page.locator("[data-key=a]").count()) === 1, "it was taken");
  await page.keyboard.press("a");
  await has(page.locator(".toast"), /Taken/);
}

/** On a phone one alarm stands in the list's place. */
async function onPhone(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", size: kPhone, mock: own() });
  await page.goto(page.at("/alarms?severity=major"));
  await settled(page);
  await shoot(page, run, "alarms-phone-list");
  await page.click(`${kRows} a`);
  await has(one(page), /env-01/);
  assert(!(await page.locator(kRows).first().isVisible()), "the list is still there");
  await until(
    () => page.evaluate(() => document.activeElement?.classList.contains("alarm-one")),
    "the focus does not follow",
  );
  await assertNoSideScroll(page);
  await assertAccessible(page);
  await shoot(page, run, "alarms-phone-one");
  await page.click("text=All alarms");
  await page.waitForSelector(kRows);
  assert(page.url().includes("severity=major"), "the filter is forgotten");
  assertQuiet(page);
}

/** Who only looks is told why there is no button. */
async function viewer(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at(kDown));
  await page.fill("input[name=user]", "viewer");
  await page.fill("input[name=password]", "outstation-view");
  await page.click("button[type=submit]");
  await has(one(page), /needs the role technician; you are signed in as viewer/);
  assert((await page.locator(".acts").count()) === 0, "a viewer is offered steps");
  await settled(page);
  await assertAccessible(page);
  await shoot(page, run, "alarms-viewer");
}

async function notFresh(run) {
  const page = await openPage(run, { storage: run.signedIn, language: "en" });
  await page.clock.install();
  await page.goto(page.at(kHot));
  await settled(page);
  await page.context().setOffline(true);
  await page.clock.fastForward(12_000);
  await page.waitForSelector("[role=alert]:has-text('cannot be reached')");
  await page.clock.fastForward(45_000);
  await page.waitForSelector(".alarm-columns > .panel .content.is-stale");
  await page.waitForSelector(".alarm-one .content.is-stale");
  await assertAccessible(page);
  await shoot(page, run, "state-alarms-stale");
  assertQuiet(page, /ERR_INTERNET_DISCONNECTED/);
}

async function storeGone(page) {
  await has(
    page.locator(".alarm-columns > .panel"),
    /not evaluated at the moment[\s\S]*Alarms cannot be recorded[\s\S]*Not recorded/,
  );
  await page.click(`${kRows} a:has-text('cannot be recorded')`);
  await has(one(page), /in memory only/);
  assert((await page.locator(".acts").count()) === 0, "steps are offered that nobody can keep");
}

/** The states, as names with what is forced, where to look and what to see there. */
const kStates = [
  ["alarms", "", "/alarms", list],
  [
    "alarms on the overview",
    "",
    "/",
    (page) =>
      has(page.locator(".ledger"), /Active alarms\s+Critical\s+1\s+Major\s+1\s+Minor\s+3\s+Notice\s+1\s+4 not taken/),
  ],
  ["alarms away", "overview.empty", "/", (page) => has(page.locator(".ledger"), /no data\s+Alarms are not known/)],
  ["alarms filtered", "", "/alarms", filters],
  ["alarm opened", "", kHot, opened],
  ["alarm taken", own, kDown, taken],
  ["alarm muted", own, kDown, mutedAndBack],
  ["alarm assigned and closed", own, kDown, assignedAndClosed],
  ["alarm step refused", "alarm.refused", kDown, notSaved],
  ["alarm step not now", "alarm.busy", kDown, notNow],
  ["alarm step not answered", () => own("alarm.timeout"), kHot, notKnown],
  ["alarm keys", own, kDown, slowKeys],
  ["alarms not recorded yet", "alarms.unwritten", kHot, (page) => has(one(page), /Handling\s+li\.gong\s*Not recorded/)],
  ["no alarm", "calm", "/alarms", (page) => has(page.locator("main"), /No alarm is active/)],
  [
    "alarms fail",
    "alarms.500",
    kHot,
    async (page) => {
      await has(page.locator(".alarm-columns > .panel"), /not available[\s\S]*Retry/);
      await has(one(page), /env-01/);
    },
  ],
  ["alarm is not there", "", "/alarms/ffffffffffffffff", (page) => has(one(page), /does not exist here/)],
  ["alarms denied", "alarms.403", "/alarms", (page) => has(page.locator("main"), /Your role may not see this/)],
  ["alarms without a store", "store_gone", "/alarms", storeGone],
];

async function forced(run, [name, mock, path, verify]) {
  const page = await openPage(run, {
    storage: run.signedIn,
    language: "en",
    theme: "light",
    mock: typeof mock === "function" ? mock() : mock,
  });
  await page.goto(page.at(path));
  await settled(page);
  await verify(page);
  await settled(page);
  await assertAccessible(page);
  await shoot(page, run, `state-${name.replaceAll(" ", "-")}`);
  assertQuiet(page, /status of (400|403|404|503|504)/);
}

/** The checks as [name, work], for the caller to run. */
export const alarmChecks = (run) => [
  ...kStates.map((state) => [`state: ${state[0]}`, () => forced(run, state)]),
  ["state: alarms on a phone", () => onPhone(run)],
  ["state: alarms for who only looks", () => viewer(run)],
  ["state: alarms that are not fresh", () => notFresh(run)],
];
