// SPDX-License-Identifier: GPL-3.0-or-later
// The map as text: what hangs on what, one below the other. On a phone this is the map.

import type { JSX } from "preact";
import type { Topology, TopologyLink } from "../api/topology";
import { listed } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { State } from "../widgets/state";
import type { Branch, Drawing } from "./topology_layout";
import { linkText, markOf, nameOf, portsOf, stateOf } from "./topology_words";

interface Parts {
  map: Topology;
  ask: (link: TopologyLink) => void;
}

function Line({ branch, above, map, ask }: Parts & { branch: Branch; above: string }): JSX.Element {
  const { node, link, cables, cut } = branch;
  return (
    <div class={`twig${cut ? " is-cut" : ""}`}>
      {node.polled ? (
        <a data-row href={devicePath(node.id)}>
          {nameOf(node)}
        </a>
      ) : (
        <span>{nameOf(node)}</span>
      )}{" "}
      <State mark={markOf(node)}>{listed([stateOf(node), cut && t("topology.cut")])}</State>
      {link && (
        <button class="link mono small" type="button" onClick={() => ask(link)}>
          {portsOf(link, above)}
          {cables > 1 && ` ×${cables}`}
          <span class="vh"> {linkText(link, map)}</span>
        </button>
      )}
      {node.other_ends > 0 && <span class="muted small">{t("topology.other_ends", { n: node.other_ends })}</span>}
    </div>
  );
}

function Twigs({ branches, above, ...parts }: Parts & { branches: Branch[]; above: string }): JSX.Element {
  return (
    <ul>
      {branches.map((branch) => (
        <li key={branch.node.id}>
          <Line branch={branch} above={above} {...parts} />
          {branch.children.length > 0 && <Twigs branches={branch.children} above={branch.node.id} {...parts} />}
        </li>
      ))}
    </ul>
  );
}

export function TopologyText({ drawing, ...parts }: Parts & { drawing: Drawing }): JSX.Element {
  return (
    <div class="body twigs">
      <Twigs branches={drawing.trees} above="" {...parts} />
      {drawing.extras.length > 0 && (
        <>
          <h3>{t("topology.extras")}</h3>
          <ul>
            {drawing.extras.map(({ link }) => (
              <li key={`${link.a} ${link.b}`}>
                <button class="link small" type="button" onClick={() => parts.ask(link)}>
                  {linkText(link, parts.map)}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
