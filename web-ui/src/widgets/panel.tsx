// SPDX-License-Identifier: GPL-3.0-or-later
// A panel of live data with every state it can be in: loading, empty, error, stale, no permission, and the data.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Failure } from "../api/client";
import type { Feed } from "../api/feed";
import { clock } from "../clock";
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
  /** Shown, dimmed, until the first answer: the page that was left for this one. */
  meanwhile?: T | null;
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

/** The age of stale values in words, else null. Computed apart: a tick of the clock draws a panel again only when the words
 *  change. */
export function staleText(
  feed: Feed<unknown>,
  asOf: string | null | undefined,
  intervalS: number | undefined,
): ReadonlySignal<string | null> {
  return computed(() => {
    const seconds = feed.stale.value ? (clock.value - feed.answeredAt.value) / 1000 : staleAge(asOf, intervalS);
    return seconds === null ? null : t("stale.tag", { age: age(seconds) });
  });
}

function AgeTag({ text }: { text: string }): JSX.Element {
  return (
    <span class="tag minor">
      <Icon name="clock" size={12} />
      {text}
    </span>
  );
}

export function Panel<T>(props: PanelProps<T>): JSX.Element {
  const { feed, asOf, intervalS } = props;
  const old = useMemo(() => staleText(feed as Feed<unknown>, asOf, intervalS), [feed, asOf, intervalS]).value;
  const here = props.id !== undefined && feed.data.value !== null && location.hash === `#${props.id}`;
  useEffect(() => {
    if (here) document.getElementById(props.id!)?.scrollIntoView();
  }, [here]);
  const failure = feed.failure.value;
  const waiting = feed.data.value === null && !failure;
  const data = waiting ? (props.meanwhile ?? null) : feed.data.value;
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
  return (
    <PanelFrame
      {...frame}
      footer={props.footer}
      aside={
        <>
          {old !== null && <AgeTag text={old} />}
          {props.aside}
        </>
      }
    >
      <div class={old === null && !waiting ? "content" : "content is-stale"} aria-busy={waiting}>
        {props.children(data)}
      </div>
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
  // Nothing is wrong, and nothing is to be done: the feed asks again by itself.
  if (failure.code === "starting")
    return (
      <div class="blank" role="status">
        <Icon name="clock" size={28} />
        <b>{t("starting.title")}</b>
        <p>{t("starting.hint")}</p>
      </div>
    );
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
    starting: "starting.title",
    not_found: "failed.not_found",
  };
  return t(known[failure.code] ?? "failed.other");
}
