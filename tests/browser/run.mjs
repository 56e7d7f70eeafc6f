// SPDX-License-Identifier: GPL-3.0-or-later
// Drives the web UI in Chromium, against a running station or against the mock station of web-ui/dev.
//
//   node tests/browser/run.mjs --url https://127.0.0.1:PORT --user NAME --password-file FILE [--shots DIR]
//   node tests/browser/run.mjs --mock [--shots DIR] [--only WORD] [--views zh-dark-phone,en-light-desktop]
//
// When the station demands a new first password, one is set and written back to FILE.
// The last line is "N passed, N failed"; the exit code is not zero when something failed.

import { mkdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { closingPages, kViews, openBrowser } from "./browser.mjs";
import { checkAccess } from "./access.mjs";
import { checkScreens } from "./screens.mjs";
import { checkStates } from "./states.mjs";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    user: { type: "string", default: "admin" },
    "password-file": { type: "string" },
    mock: { type: "boolean", default: false },
    shots: { type: "string" },
    only: { type: "string" },
    views: { type: "string", default: "all" },
  },
});

/** Later checks stand on these. */
const kAlways = new Set(["sign-in", "screens: a device is listed"]);

const results = { passed: 0, failed: 0 };

const reason = (error) =>
  String(error.message ?? error)
    .split("\n")
    .join("\n      ");

/**
 * Runs one check; a check fails by throwing, and the others still run. A busy machine can starve a browser beyond every
 * patience, so that a check that fails has one more try; both are told, so that a check that often needs it is seen.
 */
async function check(name, run) {
  if (options.only && !kAlways.has(name) && !name.includes(options.only)) return;
  for (const last of [false, true]) {
    const started = Date.now();
    try {
      await closingPages(run);
      results.passed += 1;
      console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      return;
    } catch (error) {
      console.log(`${last ? "FAIL " : "again"} ${name}\n      ${reason(error)}`);
    }
  }
  results.failed += 1;
}

async function target() {
  if (!options.mock) {
    if (!options.url || !options["password-file"]) throw new Error("give --url and --password-file, or --mock");
    const file = options["password-file"];
    return {
      url: options.url.replace(/\/$/, ""),
      user: options.user,
      password: readFileSync(file, "utf8").trim(),
      passwordFile: file,
      mock: false,
      stop: () => {},
    };
  }
  const { letGo, startMock } = await import("../../web-ui/dev/mock-server.mjs");
  const server = await startMock();
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    user: "admin",
    password: "outstation-demo",
    passwordFile: null,
    mock: true,
    letGo,
    stop,
  };
}

/** The looks asked for by name; "all" is each language, theme and size. */
function views() {
  const names = options.views === "all" ? [...kViews.keys()] : options.views.split(",");
  const unknown = names.filter((name) => !kViews.has(name));
  if (unknown.length) throw new Error(`no such view: ${unknown} (there are ${[...kViews.keys()].join(", ")})`);
  return names.map((name) => kViews.get(name));
}

if (options.shots) mkdirSync(options.shots, { recursive: true });
const station = await target();
const browser = await openBrowser();
try {
  const run = { check, station, browser, shots: options.shots, views: views() };
  await checkAccess(run);
  if (run.signedIn) {
    await checkScreens(run);
    if (station.mock) await checkStates(run);
  }
} finally {
  await browser.close();
  station.stop();
}
console.log(`${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed || !results.passed ? 1 : 0;
