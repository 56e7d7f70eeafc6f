// SPDX-License-Identifier: GPL-3.0-or-later
// A time chart with its range buttons, cursor, legend table, table view and CSV. A gap stays a gap in all of them.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type UPlot from "uplot";
import { useFeed } from "../api/feed";
import type { Range } from "../api/types";
import { stationNow } from "../clock";
import { clockTime, date, duration, orNone, stamp, zoneName } from "../format";
import { language, t } from "../i18n";
import { dark } from "../preferences";
import { route, setQuery } from "../router";
import { Icon } from "./icons";
import { Panel } from "./panel";
import { type ChartMark, makePlot } from "./plot";
import { type Plotted, prepare, type Quantity, showPlain, showValue, toCsv } from "./series";

export interface ChartLine {
  series: string;
  label: string;
}

interface ChartProps {
  title: ComponentChildren;
  /** Said by screen readers. */
  label: string;
  lines: ChartLine[];
  quantity: Quantity;
  fromZero?: boolean;
  control?: ComponentChildren;
  marks?: ChartMark[];
}

const kSpans: Record<string, number> = { "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800 };
const kDefaultSpan = "1h";
const kPoints = 360;
const kMinZoomS = 60;

interface Window {
  span: string;
  zoom: { from: number; to: number } | null;
}

function chosenWindow(): Window {
  const query = route.value.query;
  const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
  const span = query.get("range") ?? kDefaultSpan;
  return { span: kSpans[span] ? span : kDefaultSpan, zoom: to - from >= kMinZoomS ? { from, to } : null };
}

function rangePath(ids: string, { span, zoom }: Window): string {
  const to = zoom?.to ?? Math.floor(stationNow.peek() / 1000);
  const from = zoom?.from ?? to - kSpans[span]!;
  return `/api/v1/range?series=${ids}&from=${from}&to=${to}&points=${kPoints}`;
}

/** Moves or narrows the shown time by buttons, for those who cannot drag. */
function StepButtons({ span, zoom }: Window): JSX.Element {
  const now = Math.floor(stationNow.peek() / 1000);
  const to = zoom?.to ?? now;
  const width = zoom ? zoom.to - zoom.from : kSpans[span]!;
  const show = (from: number, size: number): void => setQuery({ from: String(Math.round(from)), to: String(Math.round(from + size)) }, {});
  return (
    <div class="segments steps" role="group" aria-label={t("chart.move")}>
      <button type="button" aria-label={t("chart.earlier")} title={t("chart.earlier")} onClick={() => show(to - width * 1.5, width)}><Icon name="back" size={14} /></button>
      <button type="button" aria-label={t("chart.later")} title={t("chart.later")} disabled={to >= now} onClick={() => show(Math.min(now, to + width / 2) - width, width)}><Icon name="next" size={14} /></button>
      <button type="button" aria-label={t("chart.closer")} title={t("chart.closer")} disabled={width < kMinZoomS * 4} onClick={() => show(to - width / 2, width / 2)}><Icon name="closer" size={14} /></button>
    </div>
  );
}

function RangeButtons({ span, zoom }: Window): JSX.Element {
  return (
    <div class="row wrap range-buttons">
      <StepButtons span={span} zoom={zoom} />
      {zoom && <button class="btn small-btn" type="button" onClick={() => setQuery({ from: "", to: "" }, {})}>{t("chart.unzoom")}</button>}
      <div class="segments" role="group" aria-label={t("chart.range")}>
        {Object.keys(kSpans).map((name) => (
          <button key={name} type="button" aria-pressed={!zoom && span === name} onClick={() => setQuery({ range: name === kDefaultSpan ? "" : name, from: "", to: "" }, {})}>{name}</button>
        ))}
      </div>
    </div>
  );
}

const spoken = (plotted: Plotted, index: number, quantity: Quantity): string => {
  const at = plotted.t[index]! * 1000;
  const values = plotted.lines.map((line) => `${line.label} ${pointText(plotted, line.mean[index] ?? null, quantity)}`);
  return `${date(at)} ${clockTime(at)}, ${values.join(", ")}`;
};

function pointText(plotted: Plotted, value: number | null, quantity: Quantity): string {
  return orNone(value, (known) => showValue(known * plotted.factor, quantity));
}

function Tip({ plotted, index, leftPx, quantity }: { plotted: Plotted; index: number; leftPx: number; quantity: Quantity }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const tip = box.current!;
    const room = tip.parentElement!.clientWidth;
    const left = leftPx + 14 + tip.offsetWidth > room ? leftPx - tip.offsetWidth - 14 : leftPx + 14;
    tip.style.setProperty("left", `${Math.max(0, left)}px`);
  });
  const at = plotted.t[index]! * 1000;
  return (
    <div class="tip" ref={box} aria-hidden="true">
      <div><b>{date(at)} {clockTime(at, plotted.stepS < 60)}</b><span>{zoneName()}</span></div>
      {plotted.lines.map((line) => <div key={line.label}><span>{line.label}</span><b>{pointText(plotted, line.mean[index] ?? null, quantity)}</b></div>)}
    </div>
  );
}

interface CanvasProps {
  plotted: Plotted;
  quantity: Quantity;
  label: string;
  fromZero: boolean;
  marks: ChartMark[];
}

function Canvas({ plotted, quantity, label, fromZero, marks }: CanvasProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const cursor = useSignal<{ index: number; leftPx: number } | null>(null);
  const live = useSignal("");
  const heightPx = matchMedia("(max-width: 760px)").matches ? 216 : 268;
  useEffect(() => {
    let gone = false;
    const element = box.current!;
    const onCursor = (index: number | null, leftPx: number): void => {
      cursor.value = index === null || leftPx < 0 ? null : { index, leftPx };
    };
    const onSelect = (from: number, to: number): void => {
      if (to - from >= kMinZoomS) setQuery({ from: String(Math.round(from)), to: String(Math.round(to)) }, {});
    };
    void makePlot(element, plotted, fromZero, heightPx, marks, { onCursor, onSelect }).then((made) => {
      if (gone) made.destroy();
      else plot.current = made;
    });
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: Math.max(200, element.clientWidth), height: heightPx }));
    watch.observe(element);
    return () => {
      gone = true;
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
      cursor.value = null;
    };
  }, [plotted, dark.value, language.value, marks.map((mark) => mark.time).join()]);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !plot.current) return;
    event.preventDefault();
    const last = plotted.t.length - 1;
    const index = Math.min(last, Math.max(0, (cursor.value?.index ?? last + 1) + step * (event.shiftKey ? 10 : 1)));
    plot.current.setCursor({ left: plot.current.valToPos(plotted.t[index]!, "x"), top: 10 });
    live.value = spoken(plotted, index, quantity);
  };
  const points = plotted.lines.reduce((sum, line) => sum + line.mean.filter((value) => value !== null).length, 0);
  return (
    <div class="chart" tabIndex={0} role="group" aria-roledescription={t("chart.role")} aria-label={t("chart.label", { label })}
      data-points={points} data-gaps={plotted.gaps.length} onKeyDown={move} onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}>
      <div class="canvas" ref={box} />
      {cursor.value && plotted.t[cursor.value.index] !== undefined && <Tip plotted={plotted} {...cursor.value} quantity={quantity} />}
      <span class="vh" aria-live="polite">{live.value}</span>
    </div>
  );
}

function Legend({ plotted, quantity }: { plotted: Plotted; quantity: Quantity }): JSX.Element {
  const show = (value: number | null): string => orNone(value, (known) => showPlain(known / plotted.factor, quantity));
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("chart.legend")}>
      <table class="legend">
        <thead><tr><th>{t("chart.series")}</th><th class="n">{t("chart.last")}</th><th class="n hide-s">{t("chart.min")}</th><th class="n">{t("chart.mean")}</th><th class="n">P95</th><th class="n">{t("chart.max")}</th></tr></thead>
        <tbody>
          {plotted.lines.map((line, index) => (
            <tr key={line.label}>
              <td><span class={`swatch s${index + 1}`} />{line.label}{plotted.unit && <span class="muted"> {plotted.unit}</span>}</td>
              <td class="n">{show(line.summary.last)}</td><td class="n hide-s">{show(line.summary.min)}</td><td class="n">{show(line.summary.mean)}</td>
              <td class="n">{show(line.summary.p95)}</td><td class="n strong">{show(line.summary.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ValueTable({ plotted, quantity }: { plotted: Plotted; quantity: Quantity }): JSX.Element {
  const rows = plotted.t.map((time, index) => ({ time, index })).reverse();
  return (
    <div class="scroller tall" tabIndex={0} role="group" aria-label={t("chart.table")}>
      <table>
        <thead><tr><th>{t("chart.time", { zone: zoneName() })}</th>{plotted.lines.map((line) => <th class="n" key={line.label}>{line.label} {plotted.unit}</th>)}</tr></thead>
        <tbody>
          {rows.map(({ time, index }) => (
            <tr key={time}><td>{date(time * 1000)} {clockTime(time * 1000)}</td>
              {plotted.lines.map((line) => <td class="n" key={line.label}>{orNone(line.mean[index], (value) => showPlain(value, quantity))}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function saveCsv(plotted: Plotted, name: string): void {
  const text = toCsv(plotted, (seconds) => stamp(seconds * 1000), zoneName());
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.download = `${name.replace(/[^\p{L}\p{N}._-]+/gu, "_")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Chart({ range, props, table }: { range: Range; props: ChartProps; table: boolean }): JSX.Element {
  const plotted = usePlotted(range, props);
  return (
    <div class="body">
      {table ? <ValueTable plotted={plotted} quantity={props.quantity} /> : <Canvas plotted={plotted} quantity={props.quantity} label={props.label} fromZero={props.fromZero ?? false} marks={props.marks ?? []} />}
      <Legend plotted={plotted} quantity={props.quantity} />
    </div>
  );
}

function usePlotted(range: Range, props: ChartProps): Plotted {
  const labels = props.lines.map((line) => line.label);
  return useMemo(() => prepare(range, labels, props.quantity), [range, labels.join("\n"), props.quantity]);
}

export function RangeChart(props: ChartProps): JSX.Element {
  const shown = chosenWindow();
  const ids = props.lines.map((line) => line.series).join(",");
  const key = `range ${ids} ${shown.zoom ? `${shown.zoom.from}-${shown.zoom.to}` : shown.span}`;
  const everyMs = shown.zoom ? 3_600_000 : Math.max(10_000, (kSpans[shown.span]! / kPoints) * 1000);
  const feed = useFeed<Range>(key, () => rangePath(ids, shown), everyMs);
  const table = useSignal(false);
  const footer = (range: Range): JSX.Element => (
    <>
      <span>{t("chart.foot", { step: duration(range.step_s), zone: zoneName() })}</span><span class="grow" />
      <button class="link" type="button" aria-pressed={table.value} onClick={() => (table.value = !table.value)}>{t(table.value ? "chart.drawing" : "chart.table")}</button>
      <button class="link" type="button" onClick={() => saveCsv(prepare(range, props.lines.map((line) => line.label), props.quantity), props.label)}>CSV</button>
    </>
  );
  return (
    <Panel feed={feed} title={props.title} aside={<>{props.control}<RangeButtons {...shown} /></>} footer={feed.data.value && footer(feed.data.value)} skeleton={6}>
      {(range) => <Chart range={range} props={props} table={table.value} />}
    </Panel>
  );
}
