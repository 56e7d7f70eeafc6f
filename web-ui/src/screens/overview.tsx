// SPDX-License-Identifier: GPL-3.0-or-later
// Overview: one sentence that says what is wrong, then the numbers, then what needs handling.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Group, Overview as Data, Problem } from "../api/types";
import {
  availability,
  bits,
  bytes,
  clockTime,
  coverage,
  duration,
  listed,
  moment,
  number,
  orNone,
  percent,
  short,
  untrusted,
} from "../format";
import { t } from "../i18n";
import { devicePath, navigate } from "../router";
import { session, setupPostponed } from "../session";
import { useOverview } from "../shell";
import { EventLine } from "../widgets/events";
import { Icon, type Mark, StateMark } from "../widgets/icons";
import { Bar, Meter } from "../widgets/meter";
import { DamagedNote } from "../widgets/paged";
import { Failed, Panel, PanelFrame, Skeleton } from "../widgets/panel";
import { deviceMark, reasonText } from "../widgets/state";
import { TickStrip } from "../widgets/strip";
import { Title, useTitle } from "../widgets/title";
import { Ledger } from "./ledger";
import { Verdict } from "./verdict";

function groupMark(group: Group): Mark {
  if (group.down) return "crit";
  return group.unknown ? "unknown" : "ok";
}

function GroupRow({ group }: { group: Group }): JSX.Element {
  const ratio = group.strip.available_ratio ?? null;
  const measured = group.strip.measured_ratio ?? null;
  const name = t(`class.${group.class}`);
  return (
    <div class="strip-row">
      <a class="name" href={`/devices?class=${group.class}`}>
        <StateMark mark={groupMark(group)} size={14} />
        <span>{name}</span>
        <small class="muted">
          {group.up}/{group.total}
        </small>
      </a>
      <TickStrip strip={group.strip} label={name} />
      <span class="share">
        {orNone(ratio, availability)}
        {measured !== null && measured < 1 && (
          <small class="muted">{t("groups.measured", { share: coverage(measured) })}</small>
        )}
      </span>
    </div>
  );
}

function StripAxis({ group }: { group: Group }): JSX.Element {
  const span = group.strip.step_s * group.strip.ticks.length;
  return (
    <div class="strip-row head" aria-hidden="true">
      <span />
      <span class="axis">
        {[0, 0.25, 0.5, 0.75].map((part) => (
          <span key={part}>{clockTime((group.strip.from + span * part) * 1000, false)}</span>
        ))}
        <span>{t("now")}</span>
      </span>
      <span />
    </div>
  );
}

function Groups({ data }: { data: Data }): JSX.Element {
  const first = data.groups[0];
  return (
    <div class="body">
      {first && <StripAxis group={first} />}
      {data.groups.map((group) => (
        <GroupRow key={group.class} group={group} />
      ))}
    </div>
  );
}

function Busiest({ data }: { data: Data }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("busiest.title")}>
      <table>
        <thead>
          <tr>
            <th>{t("col.interface")}</th>
            <th class="n">{t("col.in")}</th>
            <th class="n">{t("col.out")}</th>
            <th class="hide-s wide">{t("col.use")}</th>
          </tr>
        </thead>
        <tbody>
          {data.busiest.map((row) => {
            const use = row.speed_bps ? Math.max(row.in_bps ?? 0, row.out_bps ?? 0) / row.speed_bps : null;
            return (
              <tr key={`${row.device} ${row.interface}`}>
                <td>
                  <a href={devicePath(row.device)}>{untrusted(row.device_name, 80)}</a>
                  <br />
                  <span class="mono muted small">{untrusted(row.interface)}</span>
                </td>
                <td class="n">{orNone(row.in_bps, bits)}</td>
                <td class="n">{orNone(row.out_bps, bits)}</td>
                <td class="hide-s">
                  <div class="use">
                    <Bar ratio={use} />
                    <span>{orNone(use, percent)}</span>
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function ProblemRows({ problems }: { problems: Problem[] }): JSX.Element {
  return (
    <ul class="rows">
      {problems.map((problem) => (
        <li key={problem.device}>
          <StateMark mark={deviceMark[problem.state]} size={16} />
          <a data-row href={devicePath(problem.device)}>
            {t(`problem.${problem.state === "down" ? "down" : "unknown"}`, { name: untrusted(problem.name, 80) })}
          </a>
          {problem.since ? (
            <time class="muted small" dateTime={problem.since}>
              {moment(problem.since)}
            </time>
          ) : (
            <span />
          )}
          <div class="meta">{listed([reasonText(problem.reason), untrusted(problem.location, 80)])}</div>
        </li>
      ))}
    </ul>
  );
}

const share = (used: number | null, total: number | null): number | null =>
  used !== null && total ? used / total : null;

function pair(used: number | null, total: number | null): string {
  if (used === null || !total) return t("none");
  const [size, unit] = bytes(total).split(" ");
  const step = total / Number(size!.replaceAll(",", ""));
  return `${short(used / step)} / ${size} ${unit}`;
}

export function HostMeters({ host }: { host: Data["host"] }): JSX.Element {
  return (
    <div class="body">
      <Meter label={t("host.cpu")} ratio={host.cpu_ratio} text={orNone(host.cpu_ratio, (ratio) => percent(ratio, 0))} />
      <Meter
        label={t("host.memory")}
        ratio={share(host.memory_used_bytes, host.memory_total_bytes)}
        text={pair(host.memory_used_bytes, host.memory_total_bytes)}
      />
      <Meter
        label={t("host.disk")}
        ratio={share(host.disk_used_bytes, host.disk_total_bytes)}
        text={pair(host.disk_used_bytes, host.disk_total_bytes)}
      />
      <div class="meter two">
        <span>{t("host.clock")}</span>
        <span class={host.clock_synchronised === false ? "major" : ""}>{clockText(host.clock_synchronised)}</span>
      </div>
    </div>
  );
}

function clockText(synchronised: boolean | null): string {
  if (synchronised === null) return t("none");
  return t(synchronised ? "host.clock_ok" : "host.clock_free");
}

function Waiting({ feed }: { feed: ReturnType<typeof useOverview> }): JSX.Element {
  const failure = feed.failure.value;
  return (
    <section class="panel">
      <Title class="vh">{t("nav.overview")}</Title>
      {failure ? <Failed failure={failure} retry={() => void feed.refresh()} /> : <Skeleton lines={3} />}
    </section>
  );
}

export function Overview(): JSX.Element {
  const feed = useOverview();
  const data = feed.data.value;
  useTitle(t("nav.overview"));
  const asks = data?.needs_setup === true && session.value?.role === "admin" && !setupPostponed.value;
  useEffect(() => {
    if (asks) navigate("/setup", { replace: true });
  }, [asks]);
  if (!data || asks) return <Waiting feed={feed} />;
  const live = { feed, asOf: data.data_time, intervalS: data.poll_interval_s };
  return (
    <>
      <Verdict data={data} />
      <Ledger data={data} />
      <div class="columns">
        <div class="stack">
          <Panel
            {...live}
            title={t("groups.title")}
            aside={
              <span class="caption hide-s">
                {t("groups.legend", { span: duration(data.groups[0]?.strip.step_s ?? 900) })}
              </span>
            }
            empty={(now) =>
              now.groups.length ? null : { icon: "devices", title: t("groups.none"), hint: t("verdict.none_hint") }
            }
          >
            {(now) => <Groups data={now} />}
          </Panel>
          <Panel
            {...live}
            title={t("busiest.title")}
            aside={<span class="caption hide-s">{t("busiest.hint")}</span>}
            empty={(now) =>
              now.busiest.length ? null : { icon: "chart", title: t("busiest.none"), hint: t("busiest.none_hint") }
            }
          >
            {(now) => <Busiest data={now} />}
          </Panel>
        </div>
        <div class="stack">
          <PanelFrame
            first
            title={t("problems.title")}
            aside={
              data.problems.length > 0 && (
                <a class="small" href="/devices">
                  {t("problems.all", { n: number(data.devices.total) })}
                </a>
              )
            }
          >
            {data.problems.length ? (
              <ProblemRows problems={data.problems} />
            ) : (
              <p class="calm">
                <StateMark mark="ok" />
                {t("problems.none")}
              </p>
            )}
          </PanelFrame>
          <PanelFrame title={t("events.recent")}>
            {data.events.length + data.damaged.length ? (
              <div class="body">
                <DamagedNote spans={data.damaged} />
                <EventLine events={data.events} withDevice />
              </div>
            ) : (
              <p class="calm">
                <Icon name="clock" />
                {t("events.none_short")}
              </p>
            )}
          </PanelFrame>
          <PanelFrame title={t("host.title")} aside={<span class="tag">{data.station.version}</span>}>
            <HostMeters host={data.host} />
          </PanelFrame>
        </div>
      </div>
    </>
  );
}
