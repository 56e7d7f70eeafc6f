// SPDX-License-Identifier: GPL-3.0-or-later
// Time as the page sees it: a one-second tick while visible, and the offset to the station's own clock.

import { computed, signal } from "@preact/signals";

/** Browser time in ms, once a second. */
export const clock = signal(Date.now());

const skewMs = signal(0);

/** The station's time in ms: ages are right even when this browser's clock is wrong. */
export const stationNow = computed(() => clock.value + skewMs.value);

export function noteStationTime(now: string | null): void {
  const at = now ? Date.parse(now) : NaN;
  if (Number.isNaN(at)) return;
  const skew = at - Date.now();
  if (Math.abs(skew - skewMs.value) > 1500) skewMs.value = skew;
}

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) clock.value = Date.now();
  }, 1000);
}
