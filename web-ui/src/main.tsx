// SPDX-License-Identifier: GPL-3.0-or-later
// Start: language and session first, then the screen that the address names.

import { render } from "preact";
import { startPolling } from "./api/feed";
import { App } from "./app";
import { startClock } from "./clock";
import { language, loadLanguage } from "./i18n";
import { startKeys } from "./keys";
import { startRouter } from "./router";
import { restoreSession } from "./session";

const kSpeechless = "页面没有完整加载，请重新加载。 This page did not load completely, please reload it.";

/** The chosen language, or the other one when that cannot be had: never a page of names of strings. */
async function speak(): Promise<boolean> {
  const other = language.value === "zh" ? "en" : "zh";
  return (await loadLanguage(language.value)) || (await loadLanguage(other));
}

async function start(): Promise<void> {
  startRouter();
  startClock();
  startPolling();
  startKeys();
  const root = document.getElementById("app")!;
  const [spoken] = await Promise.all([speak(), restoreSession()]);
  if (spoken) render(<App />, root);
  else root.textContent = kSpeechless;
}

void start();
