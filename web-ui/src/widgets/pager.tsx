// SPDX-License-Identifier: GPL-3.0-or-later
// Under a list that the station pages: how much is shown, back to the first page, on to the next. The page stands in the
// address as `cursor`.

import type { JSX } from "preact";
import { t } from "../i18n";
import { route, setQuery } from "../router";

/** `shown` is said in words; `next` is the cursor of the next page, null on the last one. */
export function Pager({ shown, next }: { shown: string; next: string | null }): JSX.Element {
  return (
    <>
      <span role="status">{shown}</span>
      <span class="grow" />
      {route.value.query.get("cursor") && (
        <button class="btn small-btn" type="button" onClick={() => setQuery({ cursor: "" })}>
          {t("devices.first_page")}
        </button>
      )}
      {next && (
        <button class="btn small-btn" type="button" onClick={() => setQuery({ cursor: next }, {})}>
          {t("devices.next_page")}
        </button>
      )}
    </>
  );
}
