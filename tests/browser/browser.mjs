// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium and pages that remember every console error, policy violation and answer of the station.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web-ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const kWcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export const kPhone = { width: 390, height: 844 };
export const kNarrow = { width: 320, height: 700 };
export const kDesktop = { width: 1440, height: 1000 };

/** What is laid out wrong stays so: a short wait is only for a page that is still moving. */
export const kLayoutMs = 3000;

const opened = new AsyncLocalStorage();

/** Runs the work and closes every page that it opened, also when it fails. */
export async function closingPages(work) {
  const contexts = [];
  try {
    await opened.run(contexts, work);
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: kFlags,
  });
}

export function assert(truth, text) {
  if (!truth) throw new Error(text);
}

/** Long enough for a machine many times slower than a desk; what is there is seen at once. */
const kPatienceMs = 60_000;

/** Waits until `probe` gives something true. An element that is replaced while it is looked at is looked at again. */
export async function until(probe, text, limitMs = kPatienceMs) {
  const end = Date.now() + limitMs;
  for (;;) {
    let reason = "";
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    assert(Date.now() < end, `${typeof text === "function" ? text() : text}${reason}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Waits until the locator shows the text. */
export async function has(locator, text) {
  let shown = "nothing";
  const look = async () => text.test((shown = await locator.innerText({ timeout: 1000 })));
  await until(look, () => `${text} is not in: ${shown.slice(0, 300)}`);
}

/** The place of an element that has stopped moving. */
export async function steadyBox(locator) {
  let before = "";
  let box = null;
  await until(async () => {
    box = await locator.boundingBox();
    const now = JSON.stringify(box);
    const steady = box !== null && now === before;
    before = now;
    return steady;
  }, "an element does not come to rest");
  return box;
}

/** What a chart's canvas shows in light colours: how many different bytes, pixels of the first line and of damage, and the
 *  longest run of columns without that line. */
export const inked = (canvas) =>
  canvas.evaluate((element) => {
    const [width, height] = [element.width - 90, element.height - 70];
    const { data } = element.getContext("2d").getImageData(60, 30, width, height);
    const lined = new Array(width).fill(false);
    let line = 0;
    let damage = 0;
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const [r, g, b, a] = data.subarray(pixel * 4, pixel * 4 + 4);
      if (r > 170 && g < 150 && b < 90 && a > 200) damage += 1;
      if (!(r < 60 && b > 90 && a > 200)) continue;
      line += 1;
      lined[pixel % width] = true;
    }
    const bare = Math.max(
      ...lined
        .map(String)
        .join("")
        .split("true")
        .map((run) => run.length / "false".length),
    );
    return { kinds: new Set(data).size, line, damage, bare, width };
  });

/** A page in a fresh profile. `look` may give size, language, theme, storage (of an earlier context) and mock modes. */
export async function openPage({ browser, station }, look = {}) {
  const size = look.size ?? kDesktop;
  const context = await browser.newContext({
    viewport: size,
    ignoreHTTPSErrors: true,
    storageState: look.storage,
    hasTouch: size.width < 760,
    colorScheme: look.scheme ?? "light",
    reducedMotion: "reduce",
  });
  opened.getStore()?.push(context);
  if (look.mock) await context.addCookies([{ name: "mock", value: encodeURIComponent(look.mock), url: station.url }]);
  await context.addInitScript(
    ({ language, theme }) => {
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
      );
      if (language === "en" && !localStorage.getItem("outstation.language"))
        localStorage.setItem("outstation.language", "en");
      if (theme) localStorage.setItem("outstation.theme", theme);
    },
    { language: look.language ?? "", theme: look.theme ?? "" },
  );
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  page.complaints = [];
  page.answers = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  page.on("response", (response) =>
    page.answers.push({
      path: new URL(response.url()).pathname,
      status: response.status(),
    }),
  );
  page.at = (path) => `${station.url}${path}`;
  return page;
}

export function assertQuiet(page, allowed = /^$/) {
  const loud = page.complaints.filter((text) => !allowed.test(text));
  assert(loud.length === 0, `the console complains: ${loud.join(" | ")}`);
}

/** No violation of WCAG 2.2 A and AA that axe can find. */
export async function assertAccessible(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async (tags) => {
    const result = await window.axe.run(document, {
      runOnly: tags,
      resultTypes: ["violations"],
    });
    return result.violations.map(
      (violation) =>
        `${violation.id}: ${violation.nodes
          .slice(0, 3)
          .map((node) => `${node.target.join(" ")} (${node.failureSummary.split("\n")[1]?.trim()})`)
          .join("; ")}`,
    );
  }, kWcag);
  assert(found.length === 0, found.join("\n"));
}

export async function assertNoSideScroll(page) {
  let widths = null;
  await until(
    async () => {
      widths = await page.evaluate(() => ({
        content: document.documentElement.scrollWidth,
        window: document.documentElement.clientWidth,
      }));
      return widths.content <= widths.window;
    },
    () => `the page is ${widths?.content} px wide in a window of ${widths?.window} px`,
    kLayoutMs,
  );
}

export async function shoot(page, { shots }, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

const kPagesAtOnce = 3;

/** Runs the work on a few pages at once: most of the time a page waits. */
export async function inParallel(items, work) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: kPagesAtOnce }, worker));
}

/** Every way to look at a screen: {language, theme, size}, by a name such as "zh-dark-phone". */
export const kViews = new Map(
  ["zh", "en"].flatMap((language) =>
    ["light", "dark"].flatMap((theme) =>
      Object.entries({ desktop: kDesktop, phone: kPhone }).map(([device, size]) => [
        `${language}-${theme}-${device}`,
        { language, theme, size },
      ]),
    ),
  ),
);

/** Panels are filled: no skeleton is left, the chart is drawn if there is one. After a click wait first for something that
 *  only the new screen has: until then the old one is settled. */
export async function settled(page) {
  await until(
    () =>
      page.evaluate(
        () =>
          document.querySelector(".app h1") !== null &&
          document.querySelector(".skeleton") === null &&
          [...document.querySelectorAll(".chart")].every((chart) => chart.querySelector("canvas")),
      ),
    "the page did not finish loading",
  );
}
