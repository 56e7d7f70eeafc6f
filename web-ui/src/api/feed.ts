// SPDX-License-Identifier: GPL-3.0-or-later
// Live data: each Feed is one URL kept fresh while something on the page shows it; one timer drives all of them.
// Every 10 s while visible, nothing while hidden, and down to every 60 s while the station does not answer.

import { computed, effect, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { clock } from "../clock";
import { type Failure, request } from "./client";

export const kPollMs = 10_000;
const kMaxDelayMs = 60_000;
const kStartingMs = 2_000;
/** Feeds that are due this soon are asked together. */
const kTogetherMs = 1_000;
const kMissedUntilStale = 3;
const kKeptFeeds = 40;

/** How long to wait after the `failures`-th failure in a row: 10, 20, 40, 60 s, and less while the station starts. Never
 *  before the station asked for it; up to a fifth more or less by chance, so that not all browsers come back at once. */
export function retryDelayMs(failure: Failure, failures: number, chance = Math.random()): number {
  const starting = failure.code === "starting";
  const grown = (starting ? kStartingMs : kPollMs) * 2 ** Math.min(failures - 1, 6);
  const wait = Math.min(starting ? kPollMs : kMaxDelayMs, grown);
  return Math.max(Math.round(wait * (0.8 + 0.4 * chance)), Math.min(kMaxDelayMs, (failure.retryAfterS ?? 0) * 1000));
}

export class Feed<T> {
  readonly data = signal<T | null>(null);
  readonly failure = signal<Failure | null>(null);
  /** Browser time of the last answer, in ms; 0 before the first. */
  readonly answeredAt = signal(0);
  /** True from three missed polls on. */
  readonly stale = computed(() => {
    const at = this.answeredAt.value;
    return at > 0 && this.failure.value !== null && clock.value - at > kMissedUntilStale * this.everyMs;
  });
  users = 0;
  everyMs = kPollMs;
  /** Browser time of the next poll, in ms. */
  dueAt = 0;
  private etag: string | null = null;
  private etagPath = "";
  private failures = 0;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(
    readonly key: string,
    public path: () => string,
  ) {}

  /** `passive`: nobody asked, the time has come. Who asks gets an answer to this question: one that is under way may be older
   *  than what was just done. */
  refresh(passive = false): Promise<void> {
    if (!this.running) return this.start(passive);
    if (passive) return this.running;
    this.next ??= this.running.then(() => this.start(false));
    return this.next;
  }

  private start(passive: boolean): Promise<void> {
    this.next = null;
    this.running = this.fetch(passive).finally(() => {
      this.running = null;
      schedule();
    });
    return this.running;
  }

  private async fetch(passive: boolean): Promise<void> {
    const path = this.path();
    this.dueAt = Date.now() + this.everyMs;
    const reply = await request<T>("GET", path, undefined, path === this.etagPath ? this.etag : null, passive);
    if (reply.kind === "failure") return this.fail(reply.failure);
    this.failures = 0;
    if (reply.kind === "value") {
      this.etag = reply.etag;
      this.etagPath = path;
      this.data.value = reply.value;
    }
    this.failure.value = null;
    this.answeredAt.value = Date.now();
    markReachable();
  }

  private fail(failure: Failure): void {
    this.failures += 1;
    this.dueAt = Date.now() + retryDelayMs(failure, this.failures);
    this.failure.value = failure;
    // An answer too: what was shown is not there any more.
    if (failure.code === "not_found") this.forget();
    if (failure.code === "unauthenticated") signedOut.value += 1;
    if (failure.code === "network") offline.value ??= { sinceMs: Date.now(), retryAtMs: this.dueAt };
  }

  private forget(): void {
    this.data.value = null;
    this.etag = null;
  }

  /** Asked at the next opportunity if the last answer was a failure. */
  forgive(): void {
    if (this.failures) this.dueAt = 0;
  }
}

/** Counts answers that said "not signed in"; the session module watches it. */
export const signedOut = signal(0);

/** Set while the station cannot be reached from this page. */
export const offline = signal<{ sinceMs: number; retryAtMs: number } | null>(null);

const feeds = new Map<string, Feed<unknown>>();
let timer = 0;
let started = false;

/** One answer is enough: what failed meanwhile is asked again at once. */
function markReachable(): void {
  if (!offline.value) return;
  offline.value = null;
  for (const feed of activeFeeds()) feed.forgive();
}

function activeFeeds(): Feed<unknown>[] {
  return [...feeds.values()].filter((feed) => feed.users > 0);
}

function poll(all: boolean): void {
  const now = Date.now();
  for (const feed of activeFeeds()) if (all || feed.dueAt <= now + kTogetherMs) void feed.refresh(true);
  dropUnused();
  schedule();
}

/** One timer for all: until the first feed is due, and never a whole minute. */
function schedule(): void {
  clearTimeout(timer);
  if (document.hidden || !started) return;
  const now = Date.now();
  const first = Math.min(now + kMaxDelayMs, ...activeFeeds().map((feed) => feed.dueAt));
  const at = Math.max(now + kTogetherMs, first);
  if (offline.value && offline.value.retryAtMs !== at) offline.value = { ...offline.value, retryAtMs: at };
  timer = window.setTimeout(() => poll(false), at - now);
}

export const pollNow = (): void => poll(true);

export function startPolling(): void {
  started = true;
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : poll(false)));
  window.addEventListener("online", pollNow);
  schedule();
}

/** Forgets all data, as on signing out. */
export function forgetFeeds(): void {
  feeds.clear();
  offline.value = null;
}

/** Called by the timer only: a feed between its making and its first use is not yet counted as used. */
function dropUnused(): void {
  for (const [key, feed] of feeds) {
    if (feeds.size <= kKeptFeeds) return;
    if (feed.users === 0) feeds.delete(key);
  }
}

export function feedOf<T>(key: string, path: () => string = () => key): Feed<T> {
  let feed = feeds.get(key) as Feed<T> | undefined;
  if (!feed) {
    feed = new Feed<T>(key, path);
    feeds.set(key, feed as Feed<unknown>);
  }
  return feed;
}

/** Keeps the feed fresh while the component is mounted. An empty key gives a feed that stays idle. */
export function useFeed<T>(key: string, path?: () => string, everyMs = kPollMs): Feed<T> {
  const feed = useMemo(() => (key ? feedOf<T>(key, path) : new Feed<T>("", () => "")), [key]);
  useEffect(() => (key ? holdFeed(feed, everyMs) : undefined), [feed, everyMs]);
  return feed;
}

/** Counts one user more and asks if it is due; the result ends the use. The feed becomes the last one to be dropped. */
export function holdFeed<T>(feed: Feed<T>, everyMs = kPollMs): () => void {
  feeds.delete(feed.key);
  feeds.set(feed.key, feed as Feed<unknown>);
  feed.everyMs = everyMs;
  feed.users += 1;
  if (feed.dueAt <= Date.now() + kTogetherMs) void feed.refresh();
  schedule();
  return () => {
    feed.users -= 1;
  };
}

/** Calls `then` each time the station says that nobody is signed in. */
export function onSignedOut(then: () => void): void {
  let seen = 0;
  effect(() => {
    if (signedOut.value > seen) then();
    seen = signedOut.value;
  });
}
