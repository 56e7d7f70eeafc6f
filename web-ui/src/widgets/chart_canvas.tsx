// SPDX-License-Identifier: GPL-3.0-or-later
// The drawn chart with its cursor: pointer and arrow keys move it, the values go to a tip and to a live region.

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type UPlot from "uplot";
import { clockTime, date, orNone, zoneName } from "../format";
import { language, t } from "../i18n";
import { dark } from "../preferences";
import { setQuery } from "../router";
import { type ChartMark, makePlot, redraw, type Shown } from "./plot";
import { noteText } from "./chart_tables";
import { noteOf, type Plotted, type Quantity, showValue } from "./series";

/** The shortest time that can be zoomed to. */
export const kMinZoomS = 60;

const spoken = (plotted: Plotted, index: number, quantity: Quantity): string => {
  const at = plotted.t[index]! * 1000;
  const values = plotted.lines.map((line) => `${line.label} ${pointText(plotted, line.mean[index] ?? null, quantity)}`);
  const note = noteText(noteOf(plotted, index));
  return [`${date(at)} ${clockTime(at)}`, ...values, ...(note ? [note] : [])].join(", ");
};

function pointText(plotted: Plotted, value: number | null, quantity: Quantity): string {
  return orNone(value, (known) => showValue(known * plotted.factor, quantity));
}

function Tip({
  plotted,
  index,
  leftPx,
  quantity,
}: {
  plotted: Plotted;
  index: number;
  leftPx: number;
  quantity: Quantity;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const tip = box.current!;
    const room = tip.parentElement!.clientWidth;
    const left = leftPx + 14 + tip.offsetWidth > room ? leftPx - tip.offsetWidth - 14 : leftPx + 14;
    tip.style.setProperty("left", `${Math.max(0, left)}px`);
  });
  const at = plotted.t[index]! * 1000;
  const note = noteText(noteOf(plotted, index));
  return (
    <div class="tip" ref={box} aria-hidden="true">
      <div>
        <b>
          {date(at)} {clockTime(at, plotted.stepS < 60)}
        </b>
        <span>{zoneName()}</span>
      </div>
      {plotted.lines.map((line) => (
        <div key={line.label}>
          <span>{line.label}</span>
          <b>{pointText(plotted, line.mean[index] ?? null, quantity)}</b>
        </div>
      ))}
      {note && <div>{note}</div>}
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

export function ChartCanvas({ plotted, quantity, label, fromZero, marks }: CanvasProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const shown = useRef<Shown>({ plotted, marks });
  shown.current.plotted = plotted;
  shown.current.marks = marks;
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
    void makePlot(element, shown.current, fromZero, heightPx, { onCursor, onSelect }).then((made) => {
      if (gone) made.destroy();
      else plot.current = made;
    });
    const watch = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(200, element.clientWidth), height: heightPx }),
    );
    watch.observe(element);
    return () => {
      gone = true;
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
      cursor.value = null;
    };
  }, [plotted.lines.map((line) => line.label).join("\n"), fromZero, dark.value, language.value]);
  useEffect(() => {
    if (plot.current) redraw(plot.current, shown.current);
  }, [plotted, marks.map((mark) => mark.time).join()]);
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
    <div
      class="chart"
      tabIndex={0}
      role="group"
      aria-roledescription={t("chart.role")}
      aria-label={t("chart.label", { label })}
      data-points={points}
      data-gaps={plotted.gaps.length}
      data-damaged={plotted.damaged.length}
      onKeyDown={move}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    >
      <div class="canvas" ref={box} />
      {cursor.value && plotted.t[cursor.value.index] !== undefined && (
        <Tip plotted={plotted} {...cursor.value} quantity={quantity} />
      )}
      <span class="vh" aria-live="polite">
        {live.value}
      </span>
    </div>
  );
}
