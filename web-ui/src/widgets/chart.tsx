// SPDX-License-Identifier: GPL-3.0-or-later
// A time chart with its range buttons, cursor, legend table, table view and CSV. A gap stays a gap in all of them.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useFeed } from "../api/feed";
import type { Range } from "../api/types";
import { stationNow } from "../clock";
import { clockTime, date, duration, zoneName } from "../format";
import { type Depth, depthText, keptFrom, useDepths } from "../history";
import { t } from "../i18n";
import { route, setQuery } from "../router";
import { Icon, StateMark } from "./icons";
import { Panel } from "./panel";
import { ChartCanvas, kMinZoomS } from "./chart_canvas";
import { Legend, saveCsv, ValueTable } from "./chart_tables";
import type { ChartMark } from "./plot";
import { type Plotted, prepare, type Quantity } from "./series";

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

const kSpans = { "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000, "1y": 31_536_000 };
type Span = keyof typeof kSpans;
const kNames = Object.keys(kSpans) as Span[];
const kDefaultSpan: Span = "1h";
/** Always offered; a longer one when history reaches further back than the one before it. */
const kUsualSpans = 4;
const kPoints = 360;

interface Window {
  span: Span;
  zoom: { from: number; to: number } | null;
}

function chosenWindow(): Window {
  const query = route.value.query;
  const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
  const span = kNames.find((name) => name === query.get("range")) ?? kDefaultSpan;
  return { span, zoom: to - from >= kMinZoomS ? { from, to } : null };
}

function rangePath(ids: string, { span, zoom }: Window): string {
  const to = zoom?.to ?? Math.floor(stationNow.peek() / 1000);
  const from = zoom?.from ?? to - kSpans[span];
  return `/api/v1/range?series=${ids}&from=${from}&to=${to}&points=${kPoints}`;
}

/** Moves or narrows the shown time by buttons, for those who cannot drag. */
function StepButtons({ span, zoom }: Window): JSX.Element {
  const now = Math.floor(stationNow.peek() / 1000);
  const to = zoom?.to ?? now;
  const width = zoom ? zoom.to - zoom.from : kSpans[span];
  const show = (from: number, size: number): void =>
    setQuery({ from: String(Math.round(from)), to: String(Math.round(from + size)) }, {});
  return (
    <div class="segments steps" role="group" aria-label={t("chart.move")}>
      <button
        type="button"
        aria-label={t("chart.earlier")}
        title={t("chart.earlier")}
        onClick={() => show(to - width * 1.5, width)}
      >
        <Icon name="back" size={14} />
      </button>
      <button
        type="button"
        aria-label={t("chart.later")}
        title={t("chart.later")}
        disabled={to >= now}
        onClick={() => show(Math.min(now, to + width / 2) - width, width)}
      >
        <Icon name="next" size={14} />
      </button>
      <button
        type="button"
        aria-label={t("chart.closer")}
        title={t("chart.closer")}
        disabled={width < kMinZoomS * 4}
        onClick={() => show(to - width / 2, width / 2)}
      >
        <Icon name="closer" size={14} />
      </button>
    </div>
  );
}

function offered(depths: Depth[], chosen: Span): Span[] {
  const reach = stationNow.peek() / 1000 - (keptFrom(depths) ?? Infinity);
  return kNames.filter((name, at) => at < kUsualSpans || name === chosen || reach > kSpans[kNames[at - 1]!]);
}

function RangeButtons({ span, zoom, depths }: Window & { depths: Depth[] }): JSX.Element {
  return (
    <div class="row wrap range-buttons">
      <StepButtons span={span} zoom={zoom} />
      {zoom && (
        <button class="btn small-btn" type="button" onClick={() => setQuery({ from: "", to: "" }, {})}>
          {t("chart.unzoom")}
        </button>
      )}
      <div class="segments" role="group" aria-label={t("chart.range")}>
        {offered(depths, span).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={!zoom && span === name}
            onClick={() => setQuery({ range: name === kDefaultSpan ? "" : name, from: "", to: "" }, {})}
          >
            {t(`range.${name}`)}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ShownRange {
  range: Range;
  props: ChartProps;
  kept: number | null;
}

/** What the drawing shows by its hatches, in words. */
function Lacks({ plotted }: { plotted: Plotted }): JSX.Element | null {
  const time = (seconds: number): string => `${date(seconds * 1000)} ${clockTime(seconds * 1000, false)}`;
  const spans = plotted.damaged.map(([from, to]) => t("gap.span", { from: time(from), to: time(to) }));
  const resets = plotted.resets.map(time);
  if (!spans.length && !resets.length && !plotted.keptFrom) return null;
  return (
    <div class="lacks">
      {plotted.keptFrom > 0 && (
        <p>
          <Icon name="clock" size={14} />
          {t("chart.kept_from", { time: time(plotted.keptFrom) })}
        </p>
      )}
      {spans.length > 0 && (
        <p>
          <StateMark mark="major" size={14} />
          {t("chart.damaged_at", { n: spans.length, spans: listShort(spans) })}
        </p>
      )}
      {resets.length > 0 && (
        <p>
          <StateMark mark="notice" size={14} />
          {t("chart.reset_at", { n: resets.length, times: listShort(resets) })}
        </p>
      )}
    </div>
  );
}

const kMostSpans = 3;

const listShort = (spans: string[]): string =>
  spans.slice(0, kMostSpans).join(t("comma")) + (spans.length > kMostSpans ? "…" : "");

const resetMarks = ({ resets }: Plotted): ChartMark[] =>
  resets.map((time) => ({ time, level: "notice", text: t("chart.reset") }));

function Chart({ table, ...shown }: ShownRange & { table: boolean }): JSX.Element {
  const { props } = shown;
  const plotted = usePlotted(shown);
  return (
    <div class="body">
      <Lacks plotted={plotted} />
      {table ? (
        <ValueTable plotted={plotted} quantity={props.quantity} />
      ) : (
        <ChartCanvas
          plotted={plotted}
          quantity={props.quantity}
          label={props.label}
          fromZero={props.fromZero ?? false}
          marks={[...(props.marks ?? []), ...resetMarks(plotted)]}
        />
      )}
      <Legend plotted={plotted} quantity={props.quantity} />
    </div>
  );
}

const plottedOf = ({ range, props, kept }: ShownRange): Plotted =>
  prepare(
    range,
    props.lines.map((line) => line.label),
    props.quantity,
    kept,
  );

function usePlotted(shown: ShownRange): Plotted {
  const labels = shown.props.lines.map((line) => line.label).join("\n");
  return useMemo(() => plottedOf(shown), [shown.range, labels, shown.props.quantity, shown.kept]);
}

export function RangeChart(props: ChartProps): JSX.Element {
  const shown = chosenWindow();
  const ids = props.lines.map((line) => line.series).join(",");
  const key = `range ${ids} ${shown.zoom ? `${shown.zoom.from}-${shown.zoom.to}` : shown.span}`;
  const everyMs = shown.zoom ? 3_600_000 : Math.max(10_000, (kSpans[shown.span] / kPoints) * 1000);
  const feed = useFeed<Range>(key, () => rangePath(ids, shown), everyMs);
  const depths = useDepths();
  const kept = keptFrom(depths);
  const table = useSignal(false);
  const footer = (range: Range): JSX.Element => (
    <>
      <span>
        {t("chart.foot", { step: duration(range.step_s), zone: zoneName() })}{" "}
        {depths.length > 0 && t("chart.kept", { depth: depthText(depths) })}
      </span>
      <span class="grow" />
      <button class="link" type="button" aria-pressed={table.value} onClick={() => (table.value = !table.value)}>
        {t(table.value ? "chart.drawing" : "chart.table")}
      </button>
      <button class="link" type="button" onClick={() => saveCsv(plottedOf({ range, props, kept }), props.label)}>
        CSV
      </button>
    </>
  );
  return (
    <Panel
      feed={feed}
      title={props.title}
      aside={
        <>
          {props.control}
          <RangeButtons {...shown} depths={depths} />
        </>
      }
      footer={feed.data.value && footer(feed.data.value)}
      skeleton={6}
    >
      {(range) => <Chart range={range} props={props} kept={kept} table={table.value} />}
    </Panel>
  );
}
