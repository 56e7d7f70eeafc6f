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

async function start(): Promise<void> {
  startRouter();
  startClock();
  startPolling();
  startKeys();
  await Promise.all([loadLanguage(language.value), restoreSession()]);
  render(<App />, document.getElementById("app")!);
}

void start();
