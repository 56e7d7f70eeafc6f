// SPDX-License-Identifier: GPL-3.0-or-later
// What is delivered: exact versions, no registry host in the lock file, a manifest that names exactly the files of dist/.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

test("dependencies are pinned", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/);
});

test("the lock file names no registry host", () => {
  assert.doesNotMatch(
    read("package-lock.json"),
    /"resolved"|https?:\/\/(?!github\.com|opencollective\.com|dotenvx\.com)[^"]*\.tgz/,
  );
});

const built = existsSync(new URL("dist/manifest.json", root));

test(
  "the manifest names every file, and every file has its packed twin",
  { skip: !built && "run npm run build first" },
  () => {
    const { files } = JSON.parse(read("dist/manifest.json"));
    const assets = readdirSync(new URL("dist/assets/", root))
      .filter((name) => !name.endsWith(".gz"))
      .map((name) => `assets/${name}`);
    assert.deepEqual(files.map((file) => file.file).sort(), ["index.html", ...assets].sort());
    for (const file of files) {
      const plain = readFileSync(new URL(`dist/${file.file}`, root));
      assert.deepEqual(gunzipSync(readFileSync(new URL(`dist/${file.file}.gz`, root))), plain);
      assert.equal(file.bytes, plain.length);
      assert.equal(file.immutable, file.path !== "/");
      assert.ok(file.content_type);
    }
  },
);

test(
  "the page keeps to its policy: no inline script, no inline style",
  { skip: !built && "run npm run build first" },
  () => {
    const page = read("dist/index.html");
    assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    for (const name of readdirSync(new URL("dist/assets/", root)).filter((one) => one.endsWith(".js"))) {
      assert.doesNotMatch(read(`dist/assets/${name}`), /\beval\(|new Function\(|document\.write/, name);
    }
  },
);
