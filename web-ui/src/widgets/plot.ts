// SPDX-License-Identifier: GPL-3.0-or-later
// The drawing of one time chart with uPlot: lines with their min-max band, and gaps hatched instead of bridged.

import type UPlot from "uplot";
import { clockTime, date, number, zone } from "../format";
import { t } from "../i18n";
import { lonePoints, type Plotted } from "./series";

export interface PlotEvents {
  onCursor: (index: number | null, leftPx: number) => void;
  onSelect: (from: number, to: number) => void;
}

/** Something that happened, on the time axis. */
export interface ChartMark {
  time: number;
  level: "crit" | "major" | "notice" | "ok";
  text: string;
}

const kColours = ["s1", "s2", "s3", "s4", "s5", "s6"];
const kTimeSteps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800];
const kWeekS = 604_800;
const kTimeLabelPx = 76;
const kColumnsPerLine = 3;
const kMinSelectPx = 6;

const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const font = (sizePx: number): string => `${sizePx}px ${getComputedStyle(document.body).fontFamily}`;

/** Round times of the site's zone, about `kTimeLabelPx` apart. */
function timeSplits(from: number, to: number, widthPx: number): number[] {
  const wanted = ((to - from) * kTimeLabelPx) / Math.max(1, widthPx);
  const step = kTimeSteps.find((size) => size >= wanted) ?? Math.ceil(wanted / kWeekS) * kWeekS;
  const offset = zone.value.utc_offset_s;
  const splits: number[] = [];
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) splits.push(at);
  return splits;
}

const timeLabel = (at: number): string =>
  (at + zone.value.utc_offset_s) % 86_400 === 0 ? date(at * 1000) : clockTime(at * 1000, false);

/** Slanted lines that rise to the right, or fall when `steep` is -1. */
function hatch(
  context: CanvasRenderingContext2D,
  ratio: number,
  colour: string,
  steep: 1 | -1,
  ground?: string,
): CanvasPattern | null {
  const tile = document.createElement("canvas");
  const size = Math.round(8 * ratio);
  tile.width = tile.height = size;
  const pen = tile.getContext("2d")!;
  if (ground) {
    pen.fillStyle = cssColour(ground);
    pen.fillRect(0, 0, size, size);
  }
  pen.strokeStyle = cssColour(colour);
  pen.lineWidth = (ground ? 1 : 1.6) * ratio;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, steep > 0 ? size : 0);
    pen.lineTo(shift + size, steep > 0 ? 0 : size);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

interface Stretch {
  left: number;
  right: number;
  fill: CanvasPattern | string | null;
  ink: string;
  text: string;
}

/** Fills a stretch of the drawing and says at its foot what it is, where there is room for the words. */
function drawStretch({ ctx, bbox }: UPlot, { left, right, fill, ink, text }: Stretch, ratio: number): void {
  const end = bbox.left + bbox.width;
  const [from, to] = [Math.max(bbox.left, left), Math.min(end, right)];
  if (to <= from) return;
  if (fill) ctx.fillStyle = fill;
  ctx.fillRect(from, bbox.top, to - from, bbox.height);
  const width = ctx.measureText(text).width + 8 * ratio;
  if (to - from < width + 4 * ratio) return;
  const [middle, foot] = [(from + to) / 2, bbox.top + bbox.height - 8 * ratio];
  ctx.fillStyle = cssColour("surface");
  ctx.fillRect(middle - width / 2, foot - 12 * ratio, width, 16 * ratio);
  ctx.fillStyle = cssColour(ink);
  ctx.fillText(text, middle, foot);
}

/** Hatches from the last point before each gap to the first one after it. What is older than all that is kept is plain, and
 *  what the disk cannot give any more is hatched the other way. */
function drawGaps(plot: UPlot, plotted: Plotted, ratio: number): void {
  const { ctx, bbox } = plot;
  const x = (time: number): number => plot.valToPos(time, "x", true);
  const kept = plotted.keptFrom ? x(plotted.keptFrom) : bbox.left;
  const none = { fill: hatch(ctx, ratio, "line", 1), ink: "ink-3", text: t("none") };
  const expired = { fill: cssColour("surface-3"), ink: "ink-2", text: t("chart.expired") };
  const damaged = { fill: hatch(ctx, ratio, "major-fill", -1, "major-soft"), ink: "major", text: t("chart.damaged") };
  ctx.save();
  ctx.font = font(11 * ratio);
  ctx.textAlign = "center";
  for (const [first, last] of plotted.gaps) {
    const left = first === 0 ? bbox.left : x(plotted.t[first - 1]!);
    const right = last === plotted.t.length - 1 ? bbox.left + bbox.width : x(plotted.t[last + 1]!);
    drawStretch(plot, { ...expired, left, right: Math.min(right, kept) }, ratio);
    drawStretch(plot, { ...none, left: Math.max(left, kept), right }, ratio);
  }
  for (const [from, to] of plotted.damaged)
    drawStretch(plot, { ...damaged, left: x(from), right: Math.max(x(to), x(from) + 3 * ratio) }, ratio);
  ctx.restore();
}

const kShapes: Record<ChartMark["level"], (pen: CanvasRenderingContext2D, x: number, y: number, r: number) => void> = {
  crit: (pen, x, y, r) => pen.rect(x - r, y - r, 2 * r, 2 * r),
  major: (pen, x, y, r) => {
    pen.moveTo(x, y - r);
    pen.lineTo(x + r, y + r);
    pen.lineTo(x - r, y + r);
  },
  notice: (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
  ok: (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
};

const kLevels = Object.keys(kShapes) as ChartMark["level"][];
const kMarkRoomPx = 14;

/** Marks in the shown time; of those that would overlap only the worst is left. */
function visibleMarks(plot: UPlot, marks: ChartMark[], roomPx: number): { mark: ChartMark; x: number }[] {
  const { left, width } = plot.bbox;
  const shown: { mark: ChartMark; x: number }[] = [];
  for (const mark of [...marks].sort((a, b) => a.time - b.time)) {
    const x = Math.round(plot.valToPos(mark.time, "x", true));
    if (x < left || x > left + width) continue;
    const before = shown[shown.length - 1];
    if (!before || x - before.x >= roomPx) shown.push({ mark, x });
    else if (kLevels.indexOf(mark.level) < kLevels.indexOf(before.mark.level)) shown[shown.length - 1] = { mark, x };
  }
  return shown;
}

/** A line at each event, its mark above it, and its words where they fit beside the one before. */
function drawMarks(plot: UPlot, marks: ChartMark[], ratio: number): void {
  const { ctx, bbox } = plot;
  let free = bbox.left + 50 * ratio;
  ctx.save();
  ctx.font = font(11 * ratio);
  ctx.textAlign = "left";
  for (const { mark, x } of visibleMarks(plot, marks, kMarkRoomPx * ratio)) {
    ctx.fillStyle = cssColour("line-strong");
    ctx.fillRect(x, bbox.top, ratio, bbox.height);
    ctx.fillStyle = cssColour(`${mark.level}-fill`);
    ctx.beginPath();
    kShapes[mark.level](ctx, x, bbox.top - 8 * ratio, 4.5 * ratio);
    ctx.fill();
    const width = ctx.measureText(mark.text).width + 9 * ratio;
    const start = x + width > bbox.left + bbox.width ? x - width : x + 9 * ratio;
    if (start < free) continue;
    ctx.fillStyle = cssColour("ink-2");
    ctx.fillText(mark.text, start, bbox.top - 4 * ratio);
    free = Math.max(x, start + width) + 8 * ratio;
  }
  ctx.restore();
}

function drawUnit(plot: UPlot, unit: string, ratio: number): void {
  plot.ctx.save();
  plot.ctx.font = font(11 * ratio);
  plot.ctx.fillStyle = cssColour("axis");
  plot.ctx.textAlign = "left";
  plot.ctx.fillText(unit, 2 * ratio, plot.bbox.top - 9 * ratio);
  plot.ctx.restore();
}

function lineSeries(shown: Shown, fromZero: boolean): UPlot.Series[] {
  return shown.plotted.lines.flatMap((line, index): UPlot.Series[] => {
    const stroke = cssColour(kColours[index] ?? "s6");
    const filter = (): number[] => lonePoints(shown.plotted.lines[index]?.mean ?? []);
    const mean: UPlot.Series = {
      label: line.label,
      stroke,
      width: 1.6,
      spanGaps: false,
      points: { show: true, size: 5, fill: stroke, stroke, filter },
      ...(index > 0 ? { dash: [6, 3] } : fromZero && { fill: cssColour("s1-soft") }),
    };
    const edge: UPlot.Series = { width: 0, spanGaps: false, points: { show: false } };
    return [mean, edge, edge];
  });
}

/** The soft area between the least and the greatest value of each step: downsampling hides no peak. */
function bands(plotted: Plotted): UPlot.Band[] {
  return plotted.lines.map((_, index) => {
    const first = 1 + index * kColumnsPerLine;
    return { series: [first + 2, first + 1], fill: cssColour(`${kColours[index] ?? "s6"}-soft`) };
  });
}

function axes(shown: Shown): UPlot.Axis[] {
  const look = {
    stroke: cssColour("axis"),
    font: font(11),
    ticks: { show: false },
    grid: { stroke: cssColour("grid"), width: 1 },
  };
  return [
    {
      ...look,
      size: 28,
      grid: { show: false },
      ticks: { show: true, stroke: cssColour("line-strong"), width: 1, size: 4 },
      splits: (plot, _axis, from, to) => timeSplits(from, to, plot.bbox.width / devicePixelRatio),
      values: (_plot, splits) => splits.map(timeLabel),
    },
    {
      ...look,
      size: (_plot, values) => 14 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
      gap: 6,
      values: (_plot, splits) =>
        splits.map((value) =>
          number(value, shown.plotted.unit === "" || Math.abs(splits[1]! - splits[0]!) < 1 ? 2 : 0),
        ),
    },
  ];
}

export function plotColumns(plotted: Plotted): UPlot.AlignedData {
  return [plotted.t, ...plotted.lines.flatMap((line) => [line.mean, line.min, line.max])];
}

/** Volumes start at zero; a temperature does not. */
function verticalRange(fromZero: boolean): UPlot.Range.Function {
  return (_plot, low, high) => {
    if (low === null || high === null) return [0, 1];
    if (fromZero) return [0, high > 0 ? high * 1.08 : 1];
    const room = Math.max((high - low) * 0.15, 0.5);
    return [low - room, high + room];
  };
}

/** What a plot draws. New values are put in here and the plot is told by `redraw`: so the cursor stays where it is. */
export interface Shown {
  plotted: Plotted;
  marks: ChartMark[];
}

export const redraw = (plot: UPlot, shown: Shown): void => plot.setData(plotColumns(shown.plotted));

/** The number of lines and their labels must stay as they are now. */
export async function makePlot(
  box: HTMLElement,
  shown: Shown,
  fromZero: boolean,
  heightPx: number,
  events: PlotEvents,
): Promise<UPlot> {
  const { default: Plot } = await import("uplot");
  const ratio = devicePixelRatio;
  return new Plot(
    {
      width: Math.max(200, box.clientWidth),
      height: heightPx,
      padding: [26, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: true, size: 7 }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: false, range: () => [shown.plotted.from, shown.plotted.to] },
        y: { range: verticalRange(fromZero) },
      },
      axes: axes(shown),
      series: [{}, ...lineSeries(shown, fromZero)],
      bands: bands(shown.plotted),
      hooks: {
        drawClear: [(plot) => drawGaps(plot, shown.plotted, ratio)],
        draw: [(plot) => drawUnit(plot, shown.plotted.unit, ratio), (plot) => drawMarks(plot, shown.marks, ratio)],
        setCursor: [
          (plot) => events.onCursor(plot.cursor.idx ?? null, (plot.cursor.left ?? 0) + plot.bbox.left / ratio),
        ],
        setSelect: [
          (plot) => {
            if (plot.select.width < kMinSelectPx) return;
            events.onSelect(
              plot.posToVal(plot.select.left, "x"),
              plot.posToVal(plot.select.left + plot.select.width, "x"),
            );
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    plotColumns(shown.plotted),
    box,
  );
}
