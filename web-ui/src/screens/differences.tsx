// SPDX-License-Identifier: GPL-3.0-or-later
// What a search found otherwise than it was: devices that changed or are gone, and what somebody says to that. What is new
// stands among the devices found.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Difference, type Field, settle, type Settling, type Side } from "../api/discovery";
import { listed, momentOrNone, number, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { StateMark } from "../widgets/icons";
import { PanelFrame } from "../widgets/panel";
import { toast } from "../widgets/toast";
import { setupRefusal } from "./setup_words";
import { mayHandle } from "./sweep";

const kShown = 40;

function textOf(side: Side | null, field: Field): string {
  if (!side) return "";
  if (field === "address") return side.addresses[0] ?? "";
  if (field === "device" || field === "name") return untrusted(side.sys_name, kShown) || (side.addresses[0] ?? "");
  return untrusted(side[field], kShown);
}

const nameOf = (one: Difference): string => {
  const side = one.now ?? one.before;
  return untrusted(one.device_name, 80) || untrusted(side?.sys_name, 80) || (side?.addresses[0] ?? "");
};

/** "Serial number: A1 → B2", each in its own line. */
function Fields({ one }: { one: Difference }): JSX.Element {
  return (
    <>
      {one.differs.map((field) => (
        <span key={field} class="change">
          {t(`reason.${field}`)} <span class="mono">{textOf(one.before, field)}</span> →{" "}
          <span class="mono strong">{textOf(one.now, field)}</span>
        </span>
      ))}
    </>
  );
}

function Acts({ one }: { one: Difference }): JSX.Element | null {
  const [busy, setBusy] = useState(false);
  if (!mayHandle()) return null;
  const act = async (action: Settling): Promise<void> => {
    setBusy(true);
    const failure = await settle(one.id, action);
    setBusy(false);
    toast(failure ? setupRefusal(failure) : t(`diff.done.${action}`));
  };
  return (
    <div class="row wrap">
      {(["accept", one.ignored ? "restore" : "ignore"] as const).map((action) => (
        <button key={action} class="btn small-btn" type="button" disabled={busy} onClick={() => void act(action)}>
          {t(`diff.${action}`)}
          <span class="vh"> {nameOf(one)}</span>
        </button>
      ))}
    </div>
  );
}

function Row({ one }: { one: Difference }): JSX.Element {
  const gone = one.kind === "vanished";
  const addresses = (one.now ?? one.before)?.addresses ?? [];
  return (
    <li class="difference">
      <div class="row wrap">
        {one.device ? (
          <a class="strong" href={devicePath(one.device)}>
            {nameOf(one)}
          </a>
        ) : (
          <span class="strong">{nameOf(one)}</span>
        )}
        <span class={`tag ${one.ignored ? "" : gone ? "major" : "minor"}`}>
          <StateMark mark={one.ignored ? "idle" : gone ? "major" : "minor"} size={12} />
          {one.ignored ? t("review.tag.ignored") : t(`diff.kind.${one.kind}`)}
        </span>
      </div>
      <p class="small soft">
        <Fields one={one} />
        <span class="change muted">
          {listed([
            addresses.slice(0, 3).join(" "),
            gone ? t("diff.last_seen", { time: momentOrNone(one.last_seen) }) : momentOrNone(one.found),
          ])}
        </span>
      </p>
      <Acts one={one} />
    </li>
  );
}

/** Nothing while nothing differs. */
export function Differences({ items }: { items: Difference[] }): JSX.Element | null {
  const shown = items.filter((one) => one.kind !== "new");
  if (!shown.length) return null;
  return (
    <PanelFrame title={t("diff.title")} aside={<span class="muted small">{number(shown.length)}</span>}>
      <ul class="body differences" aria-label={t("diff.title")}>
        {shown.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </ul>
    </PanelFrame>
  );
}
