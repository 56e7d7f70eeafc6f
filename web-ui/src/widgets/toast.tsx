// SPDX-License-Identifier: GPL-3.0-or-later
// A short confirmation, announced politely, gone after 6 s unless the pointer rests on it.

import { signal } from "@preact/signals";
import type { JSX } from "preact";

const kShownMs = 6000;
const message = signal("");
let timer = 0;

function start(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => (message.value = ""), kShownMs);
}

export function toast(text: string): void {
  message.value = text;
  start();
}

export function Toast(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {message.value && (
        <div class="toast" onMouseEnter={() => clearTimeout(timer)} onMouseLeave={start}>
          {message.value}
        </div>
      )}
    </div>
  );
}
