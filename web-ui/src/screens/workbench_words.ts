// SPDX-License-Identifier: GPL-3.0-or-later
// Why the station did not do what the workbench asked of it.

import type { Failure } from "../api/client";
import { t } from "../i18n";
import { failureText } from "../widgets/panel";

export function benchRefusal(failure: Failure): string {
  if (failure.code === "conflict") return t("bench.busy");
  if (failure.code === "not_found") return t("bench.not_found");
  if (failure.code === "bad_request") return t("setup.wrong");
  if (failure.code === "forbidden") return t("setup.forbidden");
  return failureText(failure);
}
