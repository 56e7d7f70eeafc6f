// SPDX-License-Identifier: GPL-3.0-or-later
// A labelled bar for a share of a whole; an unknown share shows an empty dashed track and the words "no data".

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const kWarnRatio = 0.85;
const kFullRatio = 0.95;

interface BarProps {
  ratio: number | null;
  /** Full is its ordinary state, as for a cache: no warning colour. */
  neutral?: boolean | undefined;
}

export function Bar({ ratio, neutral }: BarProps): JSX.Element {
  const fill = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    fill.current?.style.setProperty("width", `${Math.min(100, Math.max(0, (ratio ?? 0) * 100))}%`);
  }, [ratio]);
  const level =
    ratio === null ? "none" : neutral ? "fine" : ratio >= kFullRatio ? "full" : ratio >= kWarnRatio ? "warn" : "fine";
  return (
    <span class={`bar ${level}`}>
      <i ref={fill} />
    </span>
  );
}

interface MeterProps {
  label: string;
  ratio: number | null;
  text: string;
  /** The bar stands below label and value, which gives a long label its room. */
  stacked?: boolean;
  neutral?: boolean;
}

export function Meter({ label, ratio, text, stacked, neutral }: MeterProps): JSX.Element {
  return (
    <div class={stacked ? "meter stacked" : "meter"}>
      <span class="clip" title={label}>
        {label}
      </span>
      <Bar ratio={ratio} neutral={neutral} />
      <span>{text}</span>
    </div>
  );
}
