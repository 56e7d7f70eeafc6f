// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what dist/ weighs on the wire and fails when a budget of the first load or of a chunk is exceeded.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "dist");
const { files } = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
const page = readFileSync(join(dist, "index.html"), "utf8");

const kKb = 1024;
const kFirstLoad = { aim: 58 * kKb, limit: 80 * kKb };
const kLimits = [
  [/\/uPlot/, 24 * kKb],
  [/\/(zh|en)-/, 16 * kKb], // all screens of one language; the first load has its own limit
  [/\/style-/, 10 * kKb],
  [/\/first_paint-|index\.html/, 2 * kKb],
  [/\/icon-/, 1 * kKb],
  [/\/main-|\/chunk-/, 28 * kKb],
  [/./, 12 * kKb],
];

const isLanguage = (file) => /\/(zh|en)-/.test(file.path);
/** index.html names what the first load takes; of the languages one is downloaded. */
const first = files.filter((file) => file.path === "/" || (page.includes(file.path) && !isLanguage(file)));
const language = Math.max(...files.filter(isLanguage).map((file) => file.gzip_bytes));
const sum = first.reduce((total, file) => total + file.gzip_bytes, language);

const failures = [];
const row = (name, bytes, limit) => {
  const over = bytes > limit;
  if (over) failures.push(name);
  console.log(
    `${name.padEnd(32)} ${String(bytes).padStart(7)} B gzip   limit ${String(limit).padStart(6)}${over ? "   EXCEEDED" : ""}`,
  );
};
for (const file of files) row(file.file, file.gzip_bytes, kLimits.find(([pattern]) => pattern.test(file.file))[1]);
row(`first load (${first.length + 1} requests)`, sum, kFirstLoad.limit);
if (sum > kFirstLoad.aim) console.log(`first load is above the aim of ${kFirstLoad.aim} B`);
process.exitCode = failures.length ? 1 : 0;
