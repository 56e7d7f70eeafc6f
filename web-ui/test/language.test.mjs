// SPDX-License-Identifier: GPL-3.0-or-later
// Every string exists in both languages, every string is used, and both say the same things.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const source = new URL("../src/", import.meta.url);
const words = (name) => JSON.parse(readFileSync(new URL(`lang/${name}.json`, source), "utf8"));
const zh = words("zh");
const en = words("en");

function sources(folder = source) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(new URL(`${entry.name}/`, folder))
      : /\.tsx?$/.test(entry.name)
        ? [readFileSync(new URL(entry.name, folder), "utf8")]
        : [],
  );
}

const code = sources().join("\n");
const literals = new Set([...code.matchAll(/"([a-z0-9_.]+)"/g)].map((match) => match[1]));
const prefixes = [...code.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((match) => match[1]);

test("both languages have the same keys, in the same order", () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
});

test("every key is used", () => {
  const unused = Object.keys(en).filter(
    (key) => !literals.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(unused, []);
});

test("every key that the code names exists", () => {
  const areas = new Set(
    Object.keys(en)
      .map((key) => key.split(".")[0])
      .filter((area) => area.length > 2),
  );
  const named = [...code.matchAll(/\b(?:t|rich)\((?:[^()"`]*\?\s*)?"([a-z0-9_.]+)"(?:\s*:\s*"([a-z0-9_.]+)")?/g)]
    .flatMap((match) => [match[1], match[2]])
    .filter(Boolean);
  assert.ok(named.length > 150, `only ${named.length} uses were found`);
  assert.deepEqual(
    named.filter((key) => !(key in en)),
    [],
  );
  assert.ok(areas.size > 20);
});

test("both languages take the same values and mark the same number of words", () => {
  const names = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
  for (const key of Object.keys(en)) {
    const extra = names(en[key]).filter((name) => !names(zh[key]).includes(name));
    const missing = names(zh[key]).filter((name) => !names(en[key]).includes(name));
    assert.deepEqual([missing, extra.filter((name) => !en[key].includes(`{${name}?`))], [[], []], key);
    assert.equal(zh[key].split("*").length % 2, 1, key);
    assert.equal(en[key].split("*").length % 2, 1, key);
  }
});

test("Chinese text uses full-width punctuation and a space beside Latin words and digits", () => {
  for (const [key, text] of Object.entries(zh)) {
    assert.doesNotMatch(text, /[\u4e00-\u9fff][,;:!?]/, key);
    assert.doesNotMatch(text, /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/, key);
  }
});

test("English text has no exclamation and no em dash", () => {
  for (const [key, text] of Object.entries(en)) assert.doesNotMatch(text, /[!\u2014]|e\.g\.|i\.e\.|etc\./, key);
});
