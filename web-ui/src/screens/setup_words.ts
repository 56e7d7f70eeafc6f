// SPDX-License-Identifier: GPL-3.0-or-later
// Why the station did not take what was asked of it in set-up and discovery.

import type { Failure } from "../api/client";
import { t } from "../i18n";
import { failureText } from "../widgets/panel";

export function setupRefusal(failure: Failure): string {
  if (failure.code === "conflict") return t("setup.conflict");
  if (failure.code === "bad_request") return t("setup.wrong");
  if (failure.code === "forbidden") return t("setup.forbidden");
  return failureText(failure);
}
