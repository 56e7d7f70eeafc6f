// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench from a device to a pack, and in every state.

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
  shoot,
} from "./browser.mjs";

const kServerError = /status of (403|404|409|503)/;
const kFinds = "sensors: [{OID: 1.3.6.1.4.1.99999.4.2.1.2, label: 'Phase {index}', unit: volts, scale: 0.1}]\n";

async function looked(run, page, name) {
  await assertAccessible(page);
  await assertNoSideScroll(page);
  await shoot(page, run, `workbench-${name}`);
}

/** Recorded, looked at, drafted with a mistake and without, tried on the device. */
async function whole(run, { language, theme, size }) {
  const look = `${language}-${theme}-${size.width}`;
  const page = await openPage(run, { storage: run.signedIn, language, theme, size });
  await page.goto(page.at("/workbench?subject=pdu-a1"));
  assert((await page.inputValue("input[name=subject]")) === "pdu-a1", "the device of the address is not asked for");
  await page.click(".bench-start .primary");
  await page.locator(".bench-packs li").first().waitFor();
  await looked(run, page, `recorded-${look}`);
  const area = page.locator(".bench-draft textarea");
  const draft = await area.inputValue();
  assert(draft.includes("pack: draft-99999"), "there is no draft");
  await area.fill(`${draft}wrong: 1\n`);
  await page.click(".bench-draft .primary");
  await has(page.locator(".bench-mistakes"), /11[\s\S]*1[\s\S]*unknown key/);
  await looked(run, page, `mistake-${look}`);
  await page.click(".bench-mistakes button");
  const marked = await area.evaluate((one) => one.value.slice(one.selectionStart));
  assert(marked.startsWith("wrong: 1"), `the mistake is not shown: ${marked.slice(0, 20)}`);
  await area.fill(draft + kFinds);
  await page.click(".bench-draft .primary");
  await has(page.locator(".bench-found"), /230\.1[\s\S]*volts[\s\S]*1\.3\.6\.1\.4\.1\.99999\.4\.2\.1\.2\.2/);
  await page.check(".bench-draft input[type=checkbox]");
  await has(page.locator(".bench-draft"), language === "en" ? /asked / : /询问/);
  await looked(run, page, `found-${look}`);
  await page.uncheck(".bench-draft input[type=checkbox]");
  await assertNoSideScroll(page);
  assertQuiet(page, kServerError);
}

async function viewer(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/workbench"));
  await page.fill("input[name=user]", "viewer");
  await page.fill("input[name=password]", "outstation-view");
  await page.click("button[type=submit]");
  await has(page.locator("main"), /Your role may not do this/);
  assert((await page.locator("input[name=subject]").count()) === 0, "a viewer may record");
  await assertAccessible(page);
}

/** [name, modes, words that are then in the page]. */
const kStates = [
  ["nobody", "", /no such device or recording/],
  ["failed", "recording.failed", /Failed[\s\S]*timeout/],
  ["running", "recording.running", /Recording[\s\S]*values[\s\S]*Cancel/],
  ["refused", "recording.403", /may not see this/],
  ["away", "recording.500", /not available/],
  ["packs away", "recording.done+packs.500", /Packs that match[\s\S]*not available/],
];

async function forced(run, [name, modes, words]) {
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock: modes, size: kPhone });
  await page.goto(page.at("/workbench?subject=nobody"));
  if (name === "nobody") await page.click(".bench-start .primary");
  await has(page.locator("main"), words);
  await looked(run, page, `state-${name.replaceAll(" ", "-")}`);
  assertQuiet(page, kServerError);
}

async function narrow(run) {
  const mock = "recording.done";
  const page = await openPage(run, { storage: run.signedIn, language: "en", mock, size: kNarrow });
  await page.goto(page.at("/workbench"));
  await page.locator(".bench-draft textarea").waitFor();
  await assertNoSideScroll(page);
}

/** The checks as [name, work], for the caller to run. */
export const workbenchChecks = (run) => [
  ["workbench: a draft on a desktop", () => whole(run, { language: "en", theme: "light", size: kDesktop })],
  ["workbench: a draft on a phone", () => whole(run, { language: "zh", theme: "dark", size: kPhone })],
  ["workbench: a viewer may not", () => viewer(run)],
  ["workbench: nothing scrolls sideways at 320 px", () => narrow(run)],
  ...kStates.map((state) => [`workbench: ${state[0]}`, () => forced(run, state)]),
];
