// SPDX-License-Identifier: GPL-3.0-or-later
// A station that nobody has set up, on a phone: from the first password to a room that is found, classified and polled.
//
//   node tests/browser/first_run.mjs --url https://127.0.0.1:PORT --password FIRST --community WORD --devices N [--shots DIR]
//
// Prints how long it took; more than three minutes is a failure, which is what the product promises.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { submit } from "./access.mjs";
import { assert, assertAccessible, assertQuiet, has, kPhone, openBrowser, openPage, shoot, until } from "./browser.mjs";
import { forward } from "./setup_states.mjs";

const kLimitS = 180;
const kOwnPassword = "a sentence of their own";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    password: { type: "string" },
    community: { type: "string" },
    devices: { type: "string" },
    shots: { type: "string" },
  },
});
const wanted = Number(options.devices);

async function choosesPassword(page) {
  await page.goto(page.at("/"));
  await submit(page, "admin", options.password);
  await page.fill("input[name=new]", kOwnPassword);
  await page.fill("input[name=again]", kOwnPassword);
  await page.click("button[type=submit]");
}

async function answersQuestions(page, run) {
  await page.fill("input[name=name]", "青禾县机房");
  await page.fill("input[name=province]", "江澜省");
  await page.fill("input[name=city]", "云渡市");
  await page.fill("input[name=county]", "青禾县");
  await forward(page);
  const prepared = page.locator(".picks li").first();
  await has(prepared, /127\.18\.0\.0\/26/);
  assert(await prepared.locator("input").isChecked(), "the subnet that the station is prepared for is not ticked");
  await shoot(page, run, "first-subnets");
  await forward(page);
  await page.fill("input[name=community]", options.community);
  await forward(page);
}

async function findsTheRoom(page, run) {
  await page.waitForSelector(".sweep .bar");
  await shoot(page, run, "first-search");
  await has(page.locator(".sweep"), /已完成/);
  await forward(page);
  const ready = page.locator(".found input:checked");
  await until(
    async () => (await ready.count()) === wanted,
    async () => `not ${wanted} devices are ready`,
  );
  await assertAccessible(page);
  await shoot(page, run, "first-review");
  await forward(page);
}

/** Each of the devices answers, and as what it is: the classes of the room, not "other". */
async function isWatched(page, run) {
  await has(page.locator(".checks"), new RegExp(`${wanted} / ${wanted} 台已有应答`));
  await shoot(page, run, "first-done");
  await forward(page);
  await has(page.locator(".verdict"), new RegExp(`全部 ${wanted} 台设备应答正常`));
  await has(page.locator("header.top .site"), /青禾县机房\s+江澜省 \/ 云渡市 \/ 青禾县/);
  const { items } = await page.evaluate(() => fetch("/api/v1/devices?limit=100").then((answer) => answer.json()));
  const classes = items.map((device) => device.class);
  for (const kind of ["switch", "router", "firewall", "server", "ups", "pdu", "sensor"])
    assert(classes.includes(kind), `nothing is a ${kind}: ${items.map((one) => `${one.id} ${one.class}`).join(", ")}`);
  assert(!classes.includes("other"), `not all are classified: ${classes}`);
  assert(
    items.every((device) => device.state === "up"),
    "a device does not answer",
  );
  await page.goto(page.at("/devices"));
  await page.waitForSelector(".device-table tbody tr");
  await shoot(page, run, "first-devices");
}

if (options.shots) mkdirSync(options.shots, { recursive: true });
const run = { browser: await openBrowser(), station: { url: options.url }, shots: options.shots };
let page = null;
try {
  const started = Date.now();
  page = await openPage(run, { size: kPhone });
  await choosesPassword(page);
  await answersQuestions(page, run);
  await findsTheRoom(page, run);
  await isWatched(page, run);
  assertQuiet(page);
  const seconds = (Date.now() - started) / 1000;
  console.log(`first run: ${wanted} devices found, classified and polled after ${seconds.toFixed(1)} s`);
  assert(seconds < kLimitS, `that is more than ${kLimitS} s`);
  console.log("1 passed, 0 failed");
} catch (error) {
  console.log(`FAIL  first run\n      ${error.message}`);
  if (page) await shoot(page, run, "first-failed");
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} finally {
  await run.browser.close();
}
