// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes and links of the map in words, for labels and for those who hear them.

import type { Topology, TopologyLink, TopologyNode } from "../api/topology";
import { listed, untrusted } from "../format";
import { t } from "../i18n";
import type { Mark } from "../widgets/icons";
import { deviceMark, severityMark } from "../widgets/state";

const kNameLength = 40;
const kPortLength = 24;

export const nameOf = (node: TopologyNode | undefined, id = ""): string => untrusted(node?.name ?? id, kNameLength);

export const portOf = (port: string | null): string => (port ? untrusted(port, kPortLength) : t("topology.some_port"));

/** What is shown of a node first: that it does not answer, else its worst alarm, else that all is well. */
export function markOf(node: TopologyNode): Mark {
  if (!node.polled) return "idle";
  if (node.state === "up" && node.alarm) return severityMark[node.alarm];
  return deviceMark[node.state ?? "unknown"];
}

export function stateOf(node: TopologyNode): string {
  if (!node.polled) return t("topology.stranger");
  return listed([t(`state.${node.state ?? "unknown"}`), node.alarm && t(`severity.${node.alarm}`)]);
}

/** Both ports, that of `near` first. */
export function portsOf(link: TopologyLink, near: string): string {
  if (!link.a_port && !link.b_port) return t(`sure.${link.strength}`);
  const ports = [portOf(link.a_port), portOf(link.b_port)];
  return (link.a === near ? ports : ports.reverse()).join(" – ");
}

export function linkText(link: TopologyLink, map: Topology): string {
  const end = (id: string): string =>
    nameOf(
      map.nodes.find((node) => node.id === id),
      id,
    );
  return t("topology.link", {
    a: end(link.a),
    a_port: portOf(link.a_port),
    b: end(link.b),
    b_port: portOf(link.b_port),
    sure: t(`sure.${link.strength}`),
  });
}
