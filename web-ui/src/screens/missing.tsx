// SPDX-License-Identifier: GPL-3.0-or-later
// An address that names nothing here.

import type { JSX } from "preact";
import { t } from "../i18n";
import { Title, useTitle } from "../widgets/title";

export function Missing(): JSX.Element {
  useTitle(t("missing.title"));
  return (
    <section class="panel blank">
      <Title>{t("missing.title")}</Title>
      <p>{t("missing.hint")}</p>
      <a class="btn" href="/">
        {t("missing.action")}
      </a>
    </section>
  );
}
