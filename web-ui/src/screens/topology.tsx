// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room: drawn, or as text, which T changes; what tells of a link one click away.

import "../kernel";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Topology, type TopologyLink, type TopologyNode, useTopology } from "../api/topology";
import { t } from "../i18n";
import { devicePath, route, setQuery } from "../router";
import { Panel } from "../widgets/panel";
import { State } from "../widgets/state";
import { Title, useTitle } from "../widgets/title";
import { EvidenceDialog } from "./topology_evidence";
import { draw } from "./topology_layout";
import { TopologyText } from "./topology_text";
import { TopologyTree } from "./topology_tree";
import { markOf, nameOf, stateOf } from "./topology_words";

const kViews = ["tree", "text"] as const;
type View = (typeof kViews)[number];

const usual = (): View => (matchMedia("(max-width: 760px)").matches ? "text" : "tree");

function view(): View {
  return kViews.find((name) => name === route.value.query.get("view")) ?? usual();
}

const choose = (next: View): void => setQuery({ view: next === usual() ? "" : next });

function ViewButtons(): JSX.Element {
  const here = view();
  return (
    <div class="segments" role="group" aria-label={t("topology.view")}>
      {kViews.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={here === name}
          {...(here !== name && { "data-key": "t", title: t("keys.text") })}
          onClick={() => choose(name)}
        >
          {t(`topology.${name}`)}
        </button>
      ))}
    </div>
  );
}

function Alone({ nodes }: { nodes: TopologyNode[] }): JSX.Element | null {
  if (!nodes.length) return null;
  return (
    <div class="body alone">
      <h3>{t("topology.alone")}</h3>
      <p class="muted small">{t("topology.alone_hint")}</p>
      <ul>
        {nodes.map((node) => (
          <li key={node.id}>
            <a href={devicePath(node.id)}>{nameOf(node)}</a> <State mark={markOf(node)}>{stateOf(node)}</State>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Drawn({ map }: { map: Topology }): JSX.Element {
  const drawing = useMemo(() => draw(map), [map]);
  const [asked, setAsked] = useState<TopologyLink | null>(null);
  const Shape = view() === "text" ? TopologyText : TopologyTree;
  return (
    <>
      {drawing.all.length > 0 && <Shape drawing={drawing} map={map} ask={setAsked} />}
      <Alone nodes={drawing.alone} />
      {asked && <EvidenceDialog link={asked} map={map} close={() => setAsked(null)} />}
    </>
  );
}

function Notes({ map }: { map: Topology }): JSX.Element {
  const notes = [
    !map.fresh && t("topology.old"),
    !map.alarms_known && t("topology.no_alarms"),
    map.more && t("topology.more", { n: map.links.length }),
    t("topology.origin"),
  ].filter(Boolean);
  return <span>{notes.join(" ")}</span>;
}

export function TopologyScreen(): JSX.Element {
  useTitle(t("nav.topology"));
  const feed = useTopology();
  return (
    <>
      <div class="page-head">
        <Title>{t("nav.topology")}</Title>
        <p>{t("topology.hint")}</p>
      </div>
      <Panel
        feed={feed}
        title={t("topology.title")}
        skeleton={8}
        aside={<ViewButtons />}
        footer={feed.data.value && <Notes map={feed.data.value} />}
        empty={({ nodes }) =>
          nodes.length ? null : { icon: "topology", title: t("topology.none"), hint: t("topology.none_hint") }
        }
      >
        {(map) => <Drawn map={map} />}
      </Panel>
    </>
  );
}
