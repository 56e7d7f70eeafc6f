// SPDX-License-Identifier: GPL-3.0-or-later
// Live data that fills a page rather than a panel: loading, error, no permission, old, and the data.

import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Feed } from "../api/feed";
import { t } from "../i18n";
import { Icon, StateMark } from "./icons";
import { Failed, Skeleton, staleText } from "./panel";

interface LiveProps<T> {
  feed: Feed<T>;
  children: (data: T) => ComponentChildren;
}

export function Live<T>({ feed, children }: LiveProps<T>): JSX.Element {
  const old = useMemo(() => staleText(feed as Feed<unknown>, null, undefined), [feed]).value;
  const data = feed.data.value;
  const failure = feed.failure.value;
  if (data === null)
    return failure ? <Failed failure={failure} retry={() => void feed.refresh()} /> : <Skeleton lines={5} />;
  return (
    <>
      {old !== null && (
        <p class="note" role="status">
          <Icon name="clock" />
          {t("live.old", { age: old })}
        </p>
      )}
      {children(data)}
    </>
  );
}

/** What went wrong with what a person just did. */
export function Refused({ text, id }: { text: string | null; id?: string }): JSX.Element {
  return (
    <p class="error" role="alert" id={id}>
      {text && (
        <>
          <StateMark mark="crit" />
          {text}
        </>
      )}
    </p>
  );
}
