// SPDX-License-Identifier: GPL-3.0-or-later
// A list that grows at its front by itself and at its end on demand: the newest page is a feed, older ones are asked for.

import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { request } from "./client";
import { type Feed, useFeed } from "./feed";
import type { DamagedSpan } from "./types";

const kMostItems = 1000;
const kPageSize = 50;

/** Newest first. What has no number yet stands in front, and only the newest page knows it. */
export interface NumberedList<T extends { sequence: number | null }> {
  items: T[];
  /** Where the next older ones begin; null at the end. */
  next: string | null;
  damaged: DamagedSpan[];
}

type Item = { sequence: number | null };

function joinDamaged(a: DamagedSpan[], b: DamagedSpan[]): DamagedSpan[] {
  const known = new Set(a.map((span) => JSON.stringify(span)));
  return [...a, ...b.filter((span) => !known.has(JSON.stringify(span)))];
}

/** The newest page put before what is shown already. When it does not reach down to that, something between would be
 *  missing: then the list begins again with it. */
export function mergeNewest<T extends Item>(kept: NumberedList<T> | null, newest: NumberedList<T>): NumberedList<T> {
  const last = newest.items[newest.items.length - 1]?.sequence;
  const old = kept?.items.filter((item) => item.sequence !== null) ?? [];
  // One that has none and goes on looked at more than comes between two questions.
  const reaches = last ? old[0] && last <= old[0].sequence! : newest.next !== null;
  if (!kept || !reaches) return newest;
  const older = last ? old.filter((item) => item.sequence! < last) : old;
  return {
    items: [...newest.items, ...older].slice(0, kMostItems),
    next: kept.next,
    damaged: joinDamaged(newest.damaged, kept.damaged),
  };
}

/** One more page of older ones; at the bound no more are offered. */
export function appendPage<T extends Item>(kept: NumberedList<T>, page: NumberedList<T>): NumberedList<T> {
  const items = [...kept.items, ...page.items].slice(0, kMostItems);
  return {
    items,
    next: items.length < kMostItems ? page.next : null,
    damaged: joinDamaged(kept.damaged, page.damaged),
  };
}

export interface Paged<T extends Item> {
  feed: Feed<NumberedList<T>>;
  /** All pages so far; null before the first answer. */
  list: NumberedList<T> | null;
  busy: boolean;
  /** False when the station did not give the page. */
  more: () => Promise<boolean>;
}

/** `path` ends where parameters go on, without limit and cursor; `size` is that of the newest page. */
export function usePaged<T extends Item>(path: string, size = kPageSize): Paged<T> {
  const first = `${path}limit=${size}`;
  const feed = useFeed<NumberedList<T>>(first);
  const { kept, busy } = useMemo(() => ({ kept: signal<NumberedList<T> | null>(null), busy: signal(false) }), [first]);
  const newest = feed.data.value;
  const list = newest && mergeNewest(kept.value, newest);
  useEffect(() => {
    if (kept.value && newest) kept.value = mergeNewest(kept.value, newest);
  }, [newest]);
  const more = async (): Promise<boolean> => {
    if (!list?.next || busy.value) return true;
    busy.value = true;
    const reply = await request<NumberedList<T>>(
      "GET",
      `${path}limit=${kPageSize}&cursor=${encodeURIComponent(list.next)}`,
    );
    busy.value = false;
    if (reply.kind === "value") kept.value = appendPage(list, reply.value);
    return reply.kind === "value";
  };
  return { feed, list, busy: busy.value, more };
}
