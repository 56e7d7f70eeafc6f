// SPDX-License-Identifier: GPL-3.0-or-later
// What stands around a list that comes in pages: the button for older ones, and a word about what cannot be read.

import type { JSX } from "preact";
import type { DamagedSpan, Time } from "../api/types";
import { moment } from "../format";
import { t } from "../i18n";
import { StateMark } from "./icons";
import { toast } from "./toast";

interface MoreProps {
  busy: boolean;
  more: () => Promise<boolean>;
  label: string;
}

export function More({ busy, more, label }: MoreProps): JSX.Element {
  const ask = async (): Promise<void> => {
    if (!(await more())) toast(t("failed.other"));
  };
  return (
    <button class="btn small-btn" type="button" disabled={busy} onClick={() => void ask()}>
      {label}
    </button>
  );
}

/** From and to in words; an end that is not known is said to be. */
export const spanText = (from: Time, to: Time): string =>
  t("gap.span", { from: from ? moment(from) : t("gap.no_time"), to: to ? moment(to) : t("gap.no_time") });

export function DamagedNote({ spans }: { spans: DamagedSpan[] }): JSX.Element | null {
  if (!spans.length) return null;
  return (
    <div class="note major" role="status">
      <StateMark mark="major" />
      <div>
        <b>{t("damaged.list", { n: spans.length })}</b>{" "}
        {spans.map(({ from, to }) => spanText(from, to)).join(t("comma"))}
      </div>
    </div>
  );
}
