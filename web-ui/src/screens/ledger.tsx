// SPDX-License-Identifier: GPL-3.0-or-later
// The key figures under the verdict: one panel with hairlines, each figure leading to its screen.

import type { ComponentChildren, JSX } from "preact";
import type { Overview as Data } from "../api/types";
import { bits, listed, number, orNone, short, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { staleAge } from "../widgets/panel";

function Figure({
  href,
  title,
  children,
  note,
}: {
  href: string;
  title: string;
  children: ComponentChildren;
  note: string;
}): JSX.Element {
  return (
    <a href={href}>
      <h2>{title}</h2>
      <div class="figure">{children}</div>
      <p>{note}</p>
    </a>
  );
}

function BusiestFigure({ data }: { data: Data }): JSX.Element {
  const top = data.busiest[0];
  if (!top)
    return (
      <Figure href="/devices" title={t("ledger.busiest")} note={t("ledger.no_interface")}>
        <span class="big muted">{t("none")}</span>
      </Figure>
    );
  const rate = Math.max(top.in_bps ?? 0, top.out_bps ?? 0);
  const [value, unit] = bits(rate).split(" ");
  return (
    <Figure
      href={devicePath(top.device)}
      title={t("ledger.busiest")}
      note={listed([untrusted(top.device_name), untrusted(top.interface)])}
    >
      <span class="big">
        {value}
        <small> {unit}</small>
      </span>
    </Figure>
  );
}

export function Ledger({ data }: { data: Data }): JSX.Element {
  const old = !data.store_connected || staleAge(data.data_time, data.poll_interval_s) !== null;
  const { total, up, down, unknown } = data.devices;
  const counts = [down ? t("ledger.down", { n: down }) : "", unknown ? t("ledger.unknown", { n: unknown }) : ""].filter(
    Boolean,
  );
  return (
    <section class={`panel ledger${old ? " is-stale" : ""}`} aria-label={t("ledger.label")}>
      <Figure href="/devices" title={t("nav.devices")} note={counts.join(t("comma")) || t("ledger.all_up")}>
        <span class="big">
          {number(up)}
          <small>{t("ledger.reachable", { n: number(total) })}</small>
        </span>
      </Figure>
      <Figure href="/devices" title={t("ledger.values")} note={t("ledger.series", { n: number(data.series) })}>
        <span class="big">
          {orNone(data.samples_per_second, short)}
          {data.samples_per_second !== null && <small>{t("ledger.per_second")}</small>}
        </span>
      </Figure>
      <BusiestFigure data={data} />
      <Figure
        href="/settings#store"
        title={t("ledger.store")}
        note={t(data.store_connected ? "ledger.store_note" : "ledger.store_gone")}
      >
        <span class="big">
          {data.durable_lag_s === null ? (
            t("none")
          ) : (
            <>
              {short(data.durable_lag_s)}
              <small> {t("span.s_unit")}</small>
            </>
          )}
        </span>
      </Figure>
    </section>
  );
}
