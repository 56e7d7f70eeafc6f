// SPDX-License-Identifier: GPL-3.0-or-later
// Live data: each Feed is one URL kept fresh while something on the page shows it; one timer drives all of them.
// Every 10 s while visible, nothing while hidden, and down to every 60 s while the station does not answer.

import { computed, effect, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { clock } from "../clock";
import { type Failure, request } from "./client";

export const kPollMs = 10_000;
const kMaxDelayMs = 60_000;
const kMissedUntilStale = 3;
const kKeptFeeds = 40;

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
  private etag: string | null = null;
  private etagPath = "";
  private triedAt = 0;
  private failures = 0;
  private running: Promise<void> | null = null;

  constructor(
    readonly key: string,
    public path: () => string,
  ) {}

  /** The next poll is due `everyMs` after the last try, later after failures (10, 20, 40, 60 s). */
  isDue(nowMs: number): boolean {
    const wait = Math.max(this.everyMs, Math.min(kMaxDelayMs, kPollMs * 2 ** this.failures));
    return nowMs - this.triedAt >= (this.failures ? wait : this.everyMs) - kPollMs / 10;
  }

  /** `passive`: nobody asked, the time has come. */
  refresh(passive = false): Promise<void> {
    this.running ??= this.fetch(passive).finally(() => (this.running = null));
    return this.running;
  }

  private async fetch(passive: boolean): Promise<void> {
    const path = this.path();
    this.triedAt = Date.now();
    const reply = await request<T>("GET", path, undefined, path === this.etagPath ? this.etag : null, passive);
    if (reply.kind === "failure") {
      this.failures += 1;
      this.failure.value = reply.failure;
      if (reply.failure.code === "unauthenticated") signedOut.value += 1;
      if (reply.failure.code === "network") markUnreachable();
      return;
    }
    this.failures = 0;
    if (reply.kind === "value") {
      this.etag = reply.etag;
      this.etagPath = path;
      this.data.value = reply.value;
    }
    this.failure.value = null;
    this.answeredAt.value = Date.now();
    offline.value = null;
  }
}

/** Counts answers that said "not signed in"; the session module watches it. */
export const signedOut = signal(0);

/** Set while the station cannot be reached from this page. */
export const offline = signal<{ sinceMs: number; retryAtMs: number } | null>(null);

const feeds = new Map<string, Feed<unknown>>();
let timer = 0;
let delayMs = kPollMs;

function markUnreachable(): void {
  offline.value ??= { sinceMs: Date.now(), retryAtMs: Date.now() + delayMs };
}

function activeFeeds(): Feed<unknown>[] {
  return [...feeds.values()].filter((feed) => feed.users > 0);
}

async function poll(all: boolean): Promise<void> {
  clearTimeout(timer);
  const now = Date.now();
  await Promise.all(
    activeFeeds()
      .filter((feed) => all || feed.isDue(now))
      .map((feed) => feed.refresh(true)),
  );
  schedule();
}

function schedule(): void {
  clearTimeout(timer);
  if (document.hidden) return;
  delayMs = offline.value ? Math.min(kMaxDelayMs, delayMs * 2) : kPollMs;
  if (offline.value) offline.value = { sinceMs: offline.value.sinceMs, retryAtMs: Date.now() + delayMs };
  timer = window.setTimeout(() => void poll(offline.value !== null), delayMs);
}

export function pollNow(): void {
  delayMs = kPollMs / 2;
  void poll(true);
}

export function startPolling(): void {
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : void poll(false)));
  window.addEventListener("online", pollNow);
  schedule();
}

/** Forgets all data, as on signing out. */
export function forgetFeeds(): void {
  feeds.clear();
  offline.value = null;
}

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
    dropUnused();
  }
  return feed;
}

/** Keeps the feed fresh while the component is mounted. An empty key gives a feed that stays idle. */
export function useFeed<T>(key: string, path?: () => string, everyMs = kPollMs): Feed<T> {
  const feed = useMemo(() => (key ? feedOf<T>(key, path) : new Feed<T>("", () => "")), [key]);
  useEffect(() => {
    if (!key) return undefined;
    feed.everyMs = everyMs;
    feed.users += 1;
    if (feed.isDue(Date.now())) void feed.refresh();
    return () => {
      feed.users -= 1;
    };
  }, [feed, everyMs]);
  return feed;
}

/** Calls `then` each time the station says that nobody is signed in. */
export function onSignedOut(then: () => void): void {
  let seen = 0;
  effect(() => {
    if (signedOut.value > seen) then();
    seen = signedOut.value;
  });
}
