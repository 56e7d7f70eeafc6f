// SPDX-License-Identifier: GPL-3.0-or-later
// What a device is connected to, and what tells of it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Topology, type TopologyLink, useTopology } from "../api/topology";
import type { DeviceDetail } from "../api/types";
import { compare, momentOrNone } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { Panel } from "../widgets/panel";
import { State } from "../widgets/state";
import { EvidenceDialog } from "./topology_evidence";
import { linkText, markOf, nameOf, portOf, stateOf } from "./topology_words";

interface Row {
  link: TopologyLink;
  port: string;
  far: string;
  farPort: string | null;
}

const rowsOf = (map: Topology, id: string): Row[] =>
  map.links
    .map((link) =>
      link.a === id
        ? { link, port: portOf(link.a_port), far: link.b, farPort: link.b_port }
        : { link, port: portOf(link.b_port), far: link.a, farPort: link.a_port },
    )
    .sort((a, b) => compare(a.port, b.port));

function Neighbour({ row, map, ask }: { row: Row; map: Topology; ask: () => void }): JSX.Element {
  const node = map.nodes.find((one) => one.id === row.far);
  return (
    <tr>
      <td class="mono">{row.port}</td>
      <td>
        {node?.polled ? (
          <a data-row href={devicePath(row.far)}>
            {nameOf(node)}
          </a>
        ) : (
          nameOf(node, row.far)
        )}
        <span class="show-s small">{row.farPort && portOf(row.farPort)}</span>
      </td>
      <td class="mono hide-s">{row.farPort ? portOf(row.farPort) : t("dash")}</td>
      <td>{node && <State mark={markOf(node)}>{stateOf(node)}</State>}</td>
      <td class="hide-m">{momentOrNone(row.link.since)}</td>
      <td>
        <button class="link small" type="button" aria-label={linkText(row.link, map)} onClick={ask}>
          {t(`sure.${row.link.strength}`)}
        </button>
      </td>
    </tr>
  );
}

export function DeviceNeighbours({ device }: { device: DeviceDetail }): JSX.Element {
  const feed = useTopology(device.id);
  const [asked, setAsked] = useState<TopologyLink | null>(null);
  return (
    <Panel
      feed={feed}
      title={t("tab.neighbours")}
      skeleton={4}
      footer={<a href="/topology">{t("topology.open")}</a>}
      empty={(map) =>
        map.links.length ? null : { icon: "topology", title: t("neighbours.none"), hint: t("topology.alone_hint") }
      }
    >
      {(map) => (
        <div class="scroller" tabIndex={0} role="region" aria-label={t("tab.neighbours")}>
          <table>
            <thead>
              <tr>
                <th>{t("col.port")}</th>
                <th>{t("col.neighbour")}</th>
                <th class="hide-s">{t("col.its_port")}</th>
                <th>{t("col.state")}</th>
                <th class="hide-m">{t("col.known_since")}</th>
                <th>{t("col.sure")}</th>
              </tr>
            </thead>
            <tbody>
              {rowsOf(map, device.id).map((row, at) => (
                <Neighbour key={at} row={row} map={map} ask={() => setAsked(row.link)} />
              ))}
            </tbody>
          </table>
          {asked && <EvidenceDialog link={asked} map={map} close={() => setAsked(null)} />}
        </div>
      )}
    </Panel>
  );
}
