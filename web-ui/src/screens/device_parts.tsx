// SPDX-License-Identifier: GPL-3.0-or-later
// What a device is built of: modules, power supplies, fans, with their serial numbers and since when they are in it.

import type { JSX } from "preact";
import type { DeviceDetail, Part } from "../api/types";
import { listed, momentOrNone, number, untrusted } from "../format";
import { t } from "../i18n";
import { Panel } from "../widgets/panel";
import { useInventory } from "./device_data";

const kKinds = ["chassis", "module", "powerSupply", "fan", "backplane", "container", "stack", "cpu", "sensor"] as const;

function kindText(kind: string | null): string {
  const known = kKinds.find((one) => one === kind);
  return known ? t(`parts.${known}`) : "";
}

function Row({ part }: { part: Part }): JSX.Element {
  return (
    <tr>
      <td>
        {untrusted(part.name, 60)}
        <span class="small soft block">{listed([kindText(part.kind), untrusted(part.model, 60)])}</span>
      </td>
      <td>
        <span class="mono">{untrusted(part.serial, 60)}</span>
        <span class="small soft block">{untrusted(part.version, 60)}</span>
      </td>
      <td class="hide-s">{momentOrNone(part.since)}</td>
    </tr>
  );
}

/** Nothing for a device that does not say. */
export function Parts({ device }: { device: DeviceDetail }): JSX.Element | null {
  const feed = useInventory(device);
  const items = feed.data.value?.items ?? [];
  if (!items.length) return null;
  return (
    <Panel feed={feed} title={t("parts.title")} aside={<span class="muted small">{number(items.length)}</span>}>
      {(page) => (
        <div class="scroller" tabIndex={0} role="group" aria-label={t("parts.title")}>
          <table>
            <thead>
              <tr>
                <th>{t("parts.part")}</th>
                <th>{t("parts.serial")}</th>
                <th class="hide-s">{t("parts.since")}</th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((part) => (
                <Row key={part.component} part={part} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
