// SPDX-License-Identifier: GPL-3.0-or-later
// Signing in: the form, wrong passwords, the forced first change, and what is not shown without a session.

import { writeFileSync } from "node:fs";
import {
  assert,
  assertAccessible,
  assertNoSideScroll,
  assertQuiet,
  has,
  inParallel,
  openPage,
  shoot,
  until,
} from "./browser.mjs";

const kRefused = /status of (401|429)/;

export async function submit(page, user, password) {
  await page.fill("input[name=user]", user);
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
}

async function changeFirstPassword(page, station) {
  const next = `${station.password}-changed`;
  await page.fill("input[name=new]", next);
  await page.fill("input[name=again]", next);
  await page.click("button[type=submit]");
  await page.waitForSelector(".app");
  station.password = next;
  if (station.passwordFile) writeFileSync(station.passwordFile, `${next}\n`, { mode: 0o600 });
}

/** Signs in and leaves the profile in run.signedIn for all later pages. */
async function signIn(run) {
  const page = await openPage(run);
  await page.goto(page.at("/"));
  await submit(page, run.station.user, run.station.password);
  await page.waitForSelector(".app, input[name=new]");
  if (await page.$("input[name=new]")) await changeFirstPassword(page, run.station);
  await page.waitForSelector("h1");
  assertQuiet(page);
  const { cookies, origins } = await page.context().storageState();
  const session = cookies.find((cookie) => cookie.name.endsWith("session"));
  assert(session?.httpOnly && session.sameSite === "Strict", "the session cookie is not HttpOnly and SameSite=Strict");
  run.signedIn = { cookies, origins };
}

async function wrongPassword(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/devices?state=down"));
  await page.waitForSelector("input[name=user]");
  assert(new URL(page.url()).pathname === "/login", "a page was shown without a session");
  await submit(page, run.station.user, "this-is-not-the-password");
  await has(page.locator("#login-error"), /not correct/);
  assertQuiet(page, kRefused);
}

async function returnsAfterSignIn(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/devices?sort=name"));
  await submit(page, run.station.user, run.station.password);
  await page.waitForSelector(".app");
  await until(
    () => page.url().endsWith("/devices?sort=name"),
    () => `went to ${page.url()}`,
  );
}

async function signOut(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/settings"));
  await submit(page, run.station.user, run.station.password);
  await page.click("text=Sign out");
  await page.waitForSelector("input[name=password]");
  await page.goto(page.at("/"));
  await until(() => new URL(page.url()).pathname === "/login", "still signed in");
}

async function loginLook(run, language, theme, size) {
  const page = await openPage(run, { language, theme, size });
  await page.goto(page.at("/login"));
  await page.waitForSelector("input[name=user]");
  const state = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
  }));
  assert(
    state.lang === (language === "en" ? "en" : "zh-CN") && state.theme === theme,
    `shown as ${JSON.stringify(state)}`,
  );
  await assertAccessible(page);
  await shoot(page, run, `login-${language}-${theme}-${size.width}`);
  await page.setViewportSize({ width: 320, height: 640 });
  await assertNoSideScroll(page);
  assertQuiet(page);
}

async function forcedChange(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/settings"));
  await submit(page, "first", "outstation-first");
  await page.waitForSelector("input[name=new]");
  assert((await page.$(".app")) === null, "the station is shown before the password is changed");
  await assertAccessible(page);
  await shoot(page, run, "first-password");
  assert((await page.$("input[name=current]")) === null, "what was typed a moment ago is asked for again");
  await page.fill("input[name=new]", "outstation-first");
  await page.fill("input[name=again]", "outstation-first");
  await page.click("button[type=submit]");
  await has(page.locator("#password-error"), /differ from the current/);
  await page.reload();
  await page.fill("input[name=current]", "outstation-first");
  await page.fill("input[name=new]", "short");
  await page.fill("input[name=again]", "short");
  await page.click("button[type=submit]");
  await has(page.locator("#password-error"), /12 characters/);
  await page.fill("input[name=new]", "a longer sentence");
  await page.fill("input[name=again]", "a longer sentence");
  await page.click("button[type=submit]");
  await page.waitForSelector(".app");
  assertQuiet(page);
}

async function lockOut(run) {
  const page = await openPage(run, { language: "en" });
  await page.goto(page.at("/login"));
  for (let tries = 0; tries < 6; tries += 1) {
    const answer = page.waitForResponse((response) => response.url().endsWith("/api/v1/session"));
    await submit(page, "admin", "wrong-password-again");
    await answer;
  }
  await has(page.locator("#login-error"), /Try again in 45 s/);
  assertQuiet(page, kRefused);
}

export async function checkAccess(run) {
  const { check, station } = run;
  await check("sign-in", () => signIn(run));
  await check("sign-in: wrong password", () => wrongPassword(run));
  await check("sign-in: returns to the page asked for", () => returnsAfterSignIn(run));
  await check("sign-in: sign out", () => signOut(run));
  await inParallel(run.views, ({ language, theme, size }) =>
    check(`sign-in: ${language} ${theme} ${size.width} px`, () => loginLook(run, language, theme, size)),
  );
  if (!station.mock) return;
  await check("sign-in: forced password change", () => forcedChange(run));
  await check("sign-in: lock-out is explained", () => lockOut(run));
}
