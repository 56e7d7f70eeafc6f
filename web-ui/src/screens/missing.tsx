// SPDX-License-Identifier: GPL-3.0-or-later
// An address that names nothing here.

import type { JSX } from "preact";
import { t } from "../i18n";
import { useTitle } from "../widgets/title";

export function Missing(): JSX.Element {
  useTitle(t("missing.title"));
  return (
    <section class="panel blank">
      <h1 tabIndex={-1}>{t("missing.title")}</h1><p>{t("missing.hint")}</p>
      <a class="btn" href="/">{t("missing.action")}</a>
    </section>
  );
}
