// SPDX-License-Identifier: GPL-3.0-or-later
// State changes as a time line: when, what, and why in words.

import type { JSX } from "preact";
import type { StateEvent } from "../api/types";
import { momentOrNone, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { StateMark } from "./icons";
import { eventMark, reasonText } from "./state";

export function EventLine({ events, withDevice }: { events: StateEvent[]; withDevice?: boolean }): JSX.Element {
  return (
    <ol class="timeline">
      {events.map((event) => (
        <li key={event.sequence}>
          <time dateTime={event.time ?? ""}>{momentOrNone(event.time)}</time>
          <StateMark mark={eventMark[event.kind]} />
          <div>
            {withDevice && (
              <>
                <a href={event.kind.startsWith("discovery_") ? "/discovery" : devicePath(event.device)}>
                  {untrusted(event.device_name, 80)}
                </a>{" "}
              </>
            )}
            <span>{t(`event.${event.kind}`, { component: untrusted(event.component) })}</span>
            {event.reason && (
              <span class="muted">
                {t("comma")}
                {reasonText(event.reason)}
              </span>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
