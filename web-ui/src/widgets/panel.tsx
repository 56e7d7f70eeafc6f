// SPDX-License-Identifier: GPL-3.0-or-later
// A panel of live data with every state it can be in: loading, empty, error, stale, no permission, and the data.

import type { ComponentChildren, JSX } from "preact";
import type { Failure } from "../api/client";
import type { Feed } from "../api/feed";
import { stationNow } from "../clock";
import { age, ageSeconds } from "../format";
import { type Key, t } from "../i18n";
import { session } from "../session";
import { Icon, type IconName, StateMark } from "./icons";

interface Frame {
  title: ComponentChildren;
  /** What stands at the right of the title. */
  aside?: ComponentChildren;
  footer?: ComponentChildren;
  first?: boolean;
  id?: string;
}

export interface EmptyText {
  icon: IconName;
  title: string;
  hint: string;
  action?: ComponentChildren;
}

interface PanelProps<T> extends Frame {
  feed: Feed<T>;
  /** When given and not null for the data, stands in its place. */
  empty?: (data: T) => EmptyText | null;
  /** Time of the values shown and the interval they should come at: three missed polls make them stale. */
  asOf?: string | null | undefined;
  intervalS?: number | undefined;
  skeleton?: number;
  children: (data: T) => ComponentChildren;
}

export function PanelFrame({
  title,
  aside,
  footer,
  first,
  id,
  children,
}: Frame & { children: ComponentChildren }): JSX.Element {
  return (
    <section class={`panel${first ? " first-s" : ""}`} id={id}>
      <header>
        <h2>{title}</h2>
        <span class="grow" />
        {aside}
      </header>
      {children}
      {footer && <footer>{footer}</footer>}
    </section>
  );
}

/** Seconds of age when the values are older than three polls, else null. */
export function staleAge(asOf: string | null | undefined, intervalS: number | undefined): number | null {
  if (!asOf || !intervalS) return null;
  const seconds = ageSeconds(asOf);
  return seconds > 3 * intervalS ? seconds : null;
}

function feedAge(feed: Feed<unknown>): number | null {
  return feed.stale.value ? (Date.now() - feed.answeredAt.value) / 1000 : null;
}

export function AgeTag({ seconds }: { seconds: number }): JSX.Element {
  void stationNow.value;
  return (
    <span class="tag minor">
      <Icon name="clock" size={12} />
      {t("stale.tag", { age: age(seconds) })}
    </span>
  );
}

export function Panel<T>(props: PanelProps<T>): JSX.Element {
  const { feed, asOf, intervalS } = props;
  const data = feed.data.value;
  const failure = feed.failure.value;
  const frame: Frame = { title: props.title, ...(props.first && { first: true }), ...(props.id && { id: props.id }) };
  if (data === null) {
    return (
      <PanelFrame {...frame}>
        {failure ? (
          <Failed failure={failure} retry={() => void feed.refresh()} />
        ) : (
          <Skeleton lines={props.skeleton ?? 4} />
        )}
      </PanelFrame>
    );
  }
  const empty = props.empty?.(data);
  if (empty)
    return (
      <PanelFrame {...frame}>
        <Empty {...empty} />
      </PanelFrame>
    );
  const old = feedAge(feed as Feed<unknown>) ?? staleAge(asOf, intervalS);
  return (
    <PanelFrame
      {...frame}
      footer={props.footer}
      aside={
        <>
          {old !== null && <AgeTag seconds={old} />}
          {props.aside}
        </>
      }
    >
      <div class={old === null ? "content" : "content is-stale"}>{props.children(data)}</div>
    </PanelFrame>
  );
}

/** Shown by CSS only after 300 ms, so that a quick answer does not flicker. */
export function Skeleton({ lines }: { lines: number }): JSX.Element {
  return (
    <div class="body skeleton" role="status">
      <span class="vh">{t("loading")}</span>
      {Array.from({ length: lines }, (_, index) => (
        <div class={`bone w${index % 3}`} key={index} />
      ))}
    </div>
  );
}

export function Empty({ icon, title, hint, action }: EmptyText): JSX.Element {
  return (
    <div class="blank">
      <Icon name={icon} size={28} />
      <b>{title}</b>
      <p>{hint}</p>
      {action}
    </div>
  );
}

export function Failed({ failure, retry }: { failure: Failure; retry: () => void }): JSX.Element {
  if (failure.code === "forbidden") {
    const role = session.value?.role ?? "viewer";
    return <Empty icon="lock" title={t("denied.title")} hint={t("denied.hint", { role: t(`role.${role}`) })} />;
  }
  return (
    <div class="blank" role="status">
      <StateMark mark="major" size={28} />
      <b>{failureText(failure)}</b>
      <p>{t("failed.hint")}</p>
      <div class="row wrap center">
        <button class="btn" type="button" onClick={retry}>
          {t("retry")}
        </button>
        <span class="muted mono">
          {failure.code}
          {failure.status ? ` ${failure.status}` : ""}
        </span>
      </div>
    </div>
  );
}

export function failureText(failure: Failure): string {
  const known: Partial<Record<Failure["code"], Key>> = {
    network: "failed.network",
    timeout: "failed.timeout",
    unavailable: "failed.unavailable",
    starting: "failed.starting",
    not_found: "failed.not_found",
  };
  return t(known[failure.code] ?? "failed.other");
}
