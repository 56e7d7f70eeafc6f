// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in words: the legend with its statistics, every value as a table, and the same as CSV.

import type { JSX } from "preact";
import { clockTime, date, orNone, stamp, zoneName } from "../format";
import { t } from "../i18n";
import { type Note, noteOf, type Plotted, type Quantity, showPlain, toCsv } from "./series";

export const noteText = (note: Note): string => (note ? t(`chart.${note}`) : "");

export function Legend({ plotted, quantity }: { plotted: Plotted; quantity: Quantity }): JSX.Element {
  const show = (value: number | null): string => orNone(value, (known) => showPlain(known / plotted.factor, quantity));
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("chart.legend")}>
      <table class="legend">
        <thead>
          <tr>
            <th>{t("chart.series")}</th>
            <th class="n">{t("chart.last")}</th>
            <th class="n hide-s">{t("chart.min")}</th>
            <th class="n">{t("chart.mean")}</th>
            <th class="n">P95</th>
            <th class="n">{t("chart.max")}</th>
          </tr>
        </thead>
        <tbody>
          {plotted.lines.map((line, index) => (
            <tr key={line.label}>
              <td>
                <span class={`swatch s${index + 1}`} />
                {line.label}
                {plotted.unit && <span class="muted"> {plotted.unit}</span>}
              </td>
              <td class="n">{show(line.summary.last)}</td>
              <td class="n hide-s">{show(line.summary.min)}</td>
              <td class="n">{show(line.summary.mean)}</td>
              <td class="n">{show(line.summary.p95)}</td>
              <td class="n strong">{show(line.summary.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ValueTable({ plotted, quantity }: { plotted: Plotted; quantity: Quantity }): JSX.Element {
  const rows = plotted.t.map((time, index) => ({ time, index, note: noteOf(plotted, index) })).reverse();
  const noted = rows.some(({ note }) => note);
  return (
    <div class="scroller tall" tabIndex={0} role="group" aria-label={t("chart.table")}>
      <table>
        <thead>
          <tr>
            <th>{t("chart.time", { zone: zoneName() })}</th>
            {plotted.lines.map((line) => (
              <th class="n" key={line.label}>
                {line.label} {plotted.unit}
              </th>
            ))}
            {noted && <th>{t("chart.note")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, index, note }) => (
            <tr key={time}>
              <td>
                {date(time * 1000)} {clockTime(time * 1000)}
              </td>
              {plotted.lines.map((line) => (
                <td class="n" key={line.label}>
                  {orNone(line.mean[index], (value) => showPlain(value, quantity))}
                </td>
              ))}
              {noted && <td>{noteText(note)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function saveCsv(plotted: Plotted, name: string): void {
  const text = toCsv(plotted, {
    zone: zoneName(),
    stamp: (seconds) => stamp(seconds * 1000),
    noteHead: t("chart.note"),
    note: noteText,
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.download = `${name.replace(/[^\p{L}\p{N}._-]+/gu, "_")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
