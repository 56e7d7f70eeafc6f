// SPDX-License-Identifier: GPL-3.0-or-later
// A component whose code is fetched when it is first shown.

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { Skeleton } from "./panel";

/** `Head`: of the title that stands while there is nothing to show, "h1" where the page has no other. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Head: "h1" | "h2" = "h1",
): ComponentType<Props> {
  let ready: ComponentType<Props> | null = null;
  return function Lazy(props: Props): JSX.Element {
    const [part, setPart] = useState<{ type: ComponentType<Props> } | null>(ready && { type: ready });
    const [failed, setFailed] = useState(0);
    useEffect(() => {
      if (ready) return;
      load().then(
        (type) => setPart({ type: (ready = type) }),
        () => setFailed((count) => count + 1),
      );
    }, []);
    if (part) return <part.type {...props} />;
    return failed ? (
      <Broken Head={Head} />
    ) : (
      <section class="panel">
        <Head class="vh">{t("loading")}</Head>
        <Skeleton lines={6} />
      </section>
    );
  };
}

/** The code could not be fetched: after an update of the station the names have changed. */
function Broken({ Head }: { Head: "h1" | "h2" }): JSX.Element {
  return (
    <section class="panel blank">
      <Head>{t("broken.title")}</Head>
      <p>{t("broken.hint")}</p>
      <button class="btn" type="button" onClick={() => location.reload()}>
        {t("reload")}
      </button>
    </section>
  );
}
