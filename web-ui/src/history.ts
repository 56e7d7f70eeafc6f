// SPDX-License-Identifier: GPL-3.0-or-later
// How far back the station's history goes, level by level.

import { useFeed } from "./api/feed";
import type { Level, Station, Store } from "./api/types";
import { stationNow } from "./clock";
import { age } from "./format";
import { t } from "./i18n";

const kEveryMs = 60_000;
const kLevels: Level[] = ["raw", "m1", "m15", "h1"];

export interface Depth {
  level: Level;
  /** Seconds since 1970 UTC of the oldest that is kept. */
  from: number;
}

const seconds = (time: string | null | undefined): number => (time ? Date.parse(time) / 1000 : NaN);

/** Finest first, without the levels that reach no further back than a finer one. What the journal still holds counts as
 *  every value. */
export function depthsOf(store: Store | null | undefined): Depth[] {
  const known = (store?.history ?? []).map(({ level, from }) => ({ level, from: seconds(from) }));
  const journal = seconds(store?.streams.find((stream) => stream.name === "samples")?.oldest);
  let reached = Infinity;
  return kLevels.flatMap((level) => {
    const times = known.filter((one) => one.level === level).map((one) => one.from);
    const from = Math.min(...[...times, level === "raw" ? journal : NaN].filter((time) => !Number.isNaN(time)));
    if (from >= reached) return [];
    reached = from;
    return [{ level, from }];
  });
}

/** Seconds since 1970 UTC before which nothing is kept; null: not known. */
export const keptFrom = (depths: Depth[]): number | null => depths[depths.length - 1]?.from ?? null;

/** "every value 12 d, minutes 90 d" */
export function depthText(depths: Depth[]): string {
  // Peeked: a tick of the clock draws no chart again.
  const now = stationNow.peek() / 1000;
  return depths.map(({ level, from }) => t(`depth.${level}`, { span: age(Math.max(0, now - from)) })).join(t("comma"));
}

/** The depth of every device of the station; none while it is not known. */
export function useDepths(): Depth[] {
  return depthsOf(useFeed<Station>("/api/v1/station", undefined, kEveryMs).data.value?.store);
}
