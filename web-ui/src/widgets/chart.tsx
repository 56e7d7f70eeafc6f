// SPDX-License-Identifier: GPL-3.0-or-later
// A time chart with its range buttons, cursor, legend table, table view and CSV. A gap stays a gap in all of them.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useFeed } from "../api/feed";
import type { Range } from "../api/types";
import { stationNow } from "../clock";
import { duration, zoneName } from "../format";
import { t } from "../i18n";
import { route, setQuery } from "../router";
import { Icon } from "./icons";
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

const kSpans = { "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800 };
type Span = keyof typeof kSpans;
const kNames = Object.keys(kSpans) as Span[];
const kDefaultSpan: Span = "1h";
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

function RangeButtons({ span, zoom }: Window): JSX.Element {
  return (
    <div class="row wrap range-buttons">
      <StepButtons span={span} zoom={zoom} />
      {zoom && (
        <button class="btn small-btn" type="button" onClick={() => setQuery({ from: "", to: "" }, {})}>
          {t("chart.unzoom")}
        </button>
      )}
      <div class="segments" role="group" aria-label={t("chart.range")}>
        {kNames.map((name) => (
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

function Chart({ range, props, table }: { range: Range; props: ChartProps; table: boolean }): JSX.Element {
  const plotted = usePlotted(range, props);
  return (
    <div class="body">
      {table ? (
        <ValueTable plotted={plotted} quantity={props.quantity} />
      ) : (
        <ChartCanvas
          plotted={plotted}
          quantity={props.quantity}
          label={props.label}
          fromZero={props.fromZero ?? false}
          marks={props.marks ?? []}
        />
      )}
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
  const everyMs = shown.zoom ? 3_600_000 : Math.max(10_000, (kSpans[shown.span] / kPoints) * 1000);
  const feed = useFeed<Range>(key, () => rangePath(ids, shown), everyMs);
  const table = useSignal(false);
  const footer = (range: Range): JSX.Element => (
    <>
      <span>{t("chart.foot", { step: duration(range.step_s), zone: zoneName() })}</span>
      <span class="grow" />
      <button class="link" type="button" aria-pressed={table.value} onClick={() => (table.value = !table.value)}>
        {t(table.value ? "chart.drawing" : "chart.table")}
      </button>
      <button
        class="link"
        type="button"
        onClick={() =>
          saveCsv(
            prepare(
              range,
              props.lines.map((line) => line.label),
              props.quantity,
            ),
            props.label,
          )
        }
      >
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
          <RangeButtons {...shown} />
        </>
      }
      footer={feed.data.value && footer(feed.data.value)}
      skeleton={6}
    >
      {(range) => <Chart range={range} props={props} table={table.value} />}
    </Panel>
  );
}
