// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds: when they ask again, which are kept, and that a tick of the clock draws nothing whose words did not change.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadTogether } from "./build.mjs";

/** Virtual time: of the mocks of node:test, version 18 has no Date. */
let now = 1_700_000_000_000;
let timers = [];
Date.now = () => now;
const { feeds, panel, clock, paged, signals } = await loadTogether({
  feeds: "./api/feed.ts",
  panel: "./widgets/panel.tsx",
  clock: "./clock.ts",
  paged: "./api/paged.ts",
  signals: "@preact/signals",
});
globalThis.setTimeout = (run, ms) => {
  timers.push({ run, at: now + ms });
  return timers.at(-1);
};
globalThis.clearTimeout = (timer) => {
  timers = timers.filter((one) => one !== timer);
};

function tick(ms) {
  now += ms;
  const due = timers.filter((timer) => timer.at <= now);
  timers = timers.filter((timer) => timer.at > now);
  for (const timer of due) timer.run();
}

const asked = [];
let answer = () => Response.json({});
globalThis.fetch = async (path, init) => {
  asked.push(path);
  return answer(path, init);
};
globalThis.addEventListener = () => {};
feeds.startPolling();

/** Lets the answers that are already there be read. */
async function settle() {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}

async function pass(ms) {
  for (let left = ms; left > 0; left -= 500) {
    tick(Math.min(500, left));
    await settle();
  }
}

const failing = (code, more = {}) => Response.json({ error: { code, ...more } }, { status: 503 });

beforeEach(() => {
  feeds.forgetFeeds();
  asked.length = 0;
  answer = () => Response.json({});
});

test("after failures a feed waits 10, 20, 40, 60 s, more or less by a fifth", () => {
  const failure = { code: "unavailable", status: 503, retryAfterS: null };
  const waits = [1, 2, 3, 4, 50].map((count) => feeds.retryDelayMs(failure, count, 0.5));
  assert.deepEqual(waits, [10_000, 20_000, 40_000, 60_000, 60_000]);
  assert.equal(feeds.retryDelayMs(failure, 1, 0), 8_000);
  assert.equal(feeds.retryDelayMs(failure, 1, 1), 12_000);
  assert.equal(feeds.retryDelayMs({ ...failure, retryAfterS: 45 }, 1, 0), 45_000);
  assert.equal(feeds.retryDelayMs({ ...failure, retryAfterS: 9999 }, 1, 0), 60_000);
});

test("a station that starts is asked again soon, and never more rarely than usual", () => {
  const starting = { code: "starting", status: 503, retryAfterS: null };
  assert.deepEqual(
    [1, 2, 3, 9].map((count) => feeds.retryDelayMs(starting, count, 0.5)),
    [2_000, 4_000, 8_000, 10_000],
  );
});

test("a feed that is rarely due comes back soon after a failure", async () => {
  const week = feeds.feedOf("/week");
  answer = () => failing("unavailable");
  const release = feeds.holdFeed(week, 1_680_000);
  await settle();
  assert.equal(asked.length, 1);
  answer = () => Response.json({ n: 1 });
  await pass(13_000);
  assert.deepEqual([asked.length, week.data.value, week.failure.value], [2, { n: 1 }, null]);
  await pass(120_000);
  assert.equal(asked.length, 2, "then it keeps its own interval");
  release();
});

test("what is not there any more is not shown any more, and whole when it is there again", async () => {
  const feed = feeds.feedOf("/alarms/1");
  const tagged = () => Response.json({ open: true }, { headers: { ETag: '"1"' } });
  answer = tagged;
  const release = feeds.holdFeed(feed);
  await settle();
  answer = () => failing("unavailable");
  await pass(13_000);
  assert.deepEqual(feed.data.value, { open: true }, "an answer that does not come is no answer");
  answer = () => failing("not_found");
  await pass(24_000);
  assert.deepEqual([feed.data.value, feed.failure.value?.code], [null, "not_found"]);
  answer = (_path, { headers }) => (headers["If-None-Match"] ? new Response(null, { status: 304 }) : tagged());
  await pass(72_000);
  assert.deepEqual([feed.data.value, feed.failure.value], [{ open: true }, null]);
  release();
});

test("a feed is asked every 10 s while it is used, and no more after", async () => {
  const release = feeds.holdFeed(feeds.feedOf("/a"));
  await pass(41_000);
  assert.equal(asked.length, 5);
  release();
  await pass(60_000);
  assert.equal(asked.length, 5);
});

test("one slow answer holds up no other feed", async () => {
  answer = (path) => (path === "/slow" ? new Promise(() => {}) : Response.json({}));
  const releases = [feeds.holdFeed(feeds.feedOf("/slow")), feeds.holdFeed(feeds.feedOf("/quick"))];
  await pass(31_000);
  assert.equal(asked.filter((path) => path === "/quick").length, 4);
  releases.forEach((release) => release());
});

test("who has done something sees what came of it, not a poll that was under way", async () => {
  const feed = feeds.feedOf("/alarms/2");
  const waiting = [];
  answer = () => new Promise((answered) => waiting.push((taken) => answered(Response.json({ taken }))));
  const release = feeds.holdFeed(feed);
  await settle();
  const seen = Promise.all([feed.refresh(), feed.refresh()]);
  void feed.refresh(true);
  waiting[0](false);
  await settle();
  assert.deepEqual([asked.length, feed.data.value], [2, { taken: false }]);
  waiting[1](true);
  await seen;
  assert.deepEqual([asked.length, feed.data.value], [2, { taken: true }]);
  release();
});

test("a feed in use outlives the forgetting of many that are not", async () => {
  const first = feeds.feedOf("/first");
  for (let index = 0; index < 100; index += 1) feeds.feedOf(`/seen/${index}`);
  const release = feeds.holdFeed(first);
  await pass(21_000);
  assert.equal(asked.filter((path) => path === "/first").length, 3);
  assert.equal(feeds.feedOf("/first"), first);
  release();
});

test("feeds that nobody uses are forgotten down to 40", async () => {
  const old = feeds.feedOf("/old");
  for (let index = 0; index < 60; index += 1) feeds.feedOf(`/more/${index}`);
  const release = feeds.holdFeed(feeds.feedOf("/used"));
  await pass(11_000);
  assert.notEqual(feeds.feedOf("/old"), old);
  release();
});

test("values that stay fresh are not drawn again at each tick", async () => {
  const feed = feeds.feedOf("/fresh");
  const words = panel.staleText(feed, new Date(Date.now()).toISOString(), 30);
  let drawn = 0;
  const stop = signals.effect(() => {
    void words.value;
    drawn += 1;
  });
  for (let second = 1; second <= 80; second += 1) clock.clock.value = Date.now() + second * 1000;
  assert.equal(drawn, 1);
  for (let second = 81; second <= 200; second += 1) clock.clock.value = Date.now() + second * 1000;
  assert.equal(drawn, 2);
  stop();
});

const event = (sequence) => ({ sequence });
const list = (numbers, next = null, damaged = []) => ({ items: numbers.map(event), next, damaged });
const numbers = ({ items }) => items.map((one) => one.sequence);

test("new events come before those shown already, none twice and none left out", () => {
  const kept = { ...list([9, 7, 5, 3, 1]), next: "older" };
  assert.deepEqual(numbers(paged.mergeNewest(null, list([9, 7]))), [9, 7]);
  assert.deepEqual(numbers(paged.mergeNewest(kept, list([12, 10, 9]))), [12, 10, 9, 7, 5, 3, 1]);
  assert.equal(paged.mergeNewest(kept, list([12, 10, 9], "page")).next, "older");
});

test("a page that does not reach the events shown begins the list again", () => {
  const merged = paged.mergeNewest(list([9, 7], "old"), list([30, 28], "page"));
  assert.deepEqual([numbers(merged), merged.next], [[30, 28], "page"]);
});

test("the list of events has a bound", () => {
  const many = list(Array.from({ length: 990 }, (_, index) => 5000 - index));
  const more = paged.appendPage(many, list([20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10], "older"));
  assert.deepEqual([more.items.length, more.next], [1000, null]);
});

test("what has no number yet stands in front, and only the newest page knows it", () => {
  const kept = { items: [event(null), event(9), event(7), event(5)], next: "older", damaged: [] };
  assert.deepEqual(numbers(paged.mergeNewest(kept, list([null, null, 12, 9]))), [null, null, 12, 9, 7, 5]);
  assert.deepEqual(numbers(paged.mergeNewest(kept, list([9, 7]))), [9, 7, 5]);
  assert.deepEqual(numbers(paged.mergeNewest(kept, list([null]))), [null]);
});

test("a newest page without any that goes on leaves what is shown", () => {
  const kept = { ...list([9, 7]), next: "older" };
  const merged = paged.mergeNewest(kept, list([], "40"));
  assert.deepEqual([numbers(merged), merged.next], [[9, 7], "older"]);
  assert.deepEqual(paged.mergeNewest(kept, list([])), list([]), "there are none any more");
  assert.deepEqual(paged.mergeNewest(null, list([], "40")), list([], "40"));
});

test("damage is told once, whichever page told it", () => {
  const span = (first_sequence) => ({ from: null, to: null, first_sequence, last_sequence: first_sequence });
  const first = list([9, 7], "older", [span(8)]);
  const both = paged.appendPage(first, list([5, 3], null, [span(8), span(4)]));
  assert.deepEqual(both.damaged, [span(8), span(4)]);
  assert.deepEqual(paged.mergeNewest(both, first).damaged, [span(8), span(4)]);
});
