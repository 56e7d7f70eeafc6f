// SPDX-License-Identifier: GPL-3.0-or-later
// A tick strip: reachability over time, taller when worse, dashed where nothing was measured.

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Strip, Tick } from "../api/types";
import { t } from "../i18n";

const kRank: Tick[] = ["none", "ok", "degraded", "down"];
const kHeight: Record<Tick, number> = { none: 5, ok: 6, degraded: 14, down: 24 };
const kMinTickPx = 4;

/** Merges neighbours so that at most `limit` ticks are left; a merged tick takes the worst. */
export function mergeTicks(ticks: Tick[], limit: number): Tick[] {
  const size = Math.max(1, Math.ceil(ticks.length / Math.max(1, limit)));
  const merged: Tick[] = [];
  for (let at = 0; at < ticks.length; at += size) {
    merged.push(
      ticks
        .slice(at, at + size)
        .reduce((worst, tick) => (kRank.indexOf(tick) > kRank.indexOf(worst) ? tick : worst), "none"),
    );
  }
  return merged;
}

function summary(ticks: Tick[]): string {
  const words: Record<Tick, string> = {
    ok: t("tick.ok"),
    degraded: t("tick.degraded"),
    down: t("tick.down"),
    none: t("tick.none"),
  };
  const parts = kRank
    .slice()
    .reverse()
    .map((kind) => ({ kind, count: ticks.filter((tick) => tick === kind).length }));
  return parts
    .filter((part) => part.count)
    .map((part) => `${words[part.kind]} ${part.count}`)
    .join(", ");
}

export function TickStrip({ strip, label }: { strip: Strip; label: string }): JSX.Element {
  const box = useRef<HTMLSpanElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const ticks = mergeTicks(strip.ticks, Math.floor(width / kMinTickPx));
  return (
    <span class="strip" ref={box}>
      <svg
        viewBox={`0 0 ${ticks.length * 6} 24`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("tick.label", { label, parts: summary(strip.ticks), n: strip.ticks.length })}
      >
        {ticks.map((tick, index) => {
          const height = kHeight[tick];
          return (
            <rect
              key={index}
              class={`tick-${tick}`}
              x={index * 6 + (tick === "none" ? 0.8 : 0)}
              y={24 - height}
              width={tick === "none" ? 3.2 : 4.4}
              height={tick === "none" ? height - 0.6 : height}
            />
          );
        })}
      </svg>
    </span>
  );
}
