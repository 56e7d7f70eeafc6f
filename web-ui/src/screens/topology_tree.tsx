// SPDX-License-Identifier: GPL-3.0-or-later
// The map as a drawing: lines in an SVG that nobody needs to hear, names and ports as links and buttons above it, in the
// order in which one reads them.

import type { JSX } from "preact";
import type { Topology, TopologyLink } from "../api/topology";
import { t } from "../i18n";
import { devicePath } from "../router";
import { StateMark } from "../widgets/icons";
import type { Branch, Drawing } from "./topology_layout";
import { linkText, markOf, nameOf, portOf, stateOf } from "./topology_words";

const kBox = { width: 142, height: 30 };
const kColumn = 250;
const kRow = 46;
const kTop = 28;
const kElbow = 12;

type Ask = (link: TopologyLink) => void;

const left = (branch: Branch): number => branch.column * kColumn;
const middle = (branch: Branch): number => kTop + branch.row * kRow + kRow / 2;

const extent = (drawing: Drawing): { width: number; height: number } => ({
  width: (drawing.columns.length - 1) * kColumn + kBox.width,
  height: kTop + drawing.rows * kRow,
});

/** What leads to a device that does not answer is red; what is behind it, whatever its state, is grey. */
function lineClass(link: TopologyLink, ends: Branch[]): string {
  const isCut = ends.some((end) => end.cut);
  const isDown = ends.some(({ node }) => node.state === "down");
  return `${link.strength}${isCut ? " is-cut" : isDown ? " is-down" : ""}`;
}

/** From the right side of the parent, down at the elbow, to the left side of the child; a cross where it does not answer. */
function Line({ parent, child }: { parent: Branch; child: Branch }): JSX.Element | null {
  if (!child.link) return null;
  const from = left(parent) + kBox.width;
  const to = left(child);
  const y = middle(child);
  const cross = to - 10;
  const kind = lineClass(child.link, [parent, child]);
  return (
    <g class={kind}>
      <path d={`M${from} ${middle(parent)}H${from + kElbow}V${y}H${to}`} />
      {child.node.state === "down" && !child.cut && (
        <path class="cross" d={`M${cross - 5} ${y - 5}l10 10m0-10-10 10`} />
      )}
    </g>
  );
}

function Lines({ drawing }: { drawing: Drawing }): JSX.Element {
  // What is well is drawn over what is not, so that a line is red only where it leads to nothing else.
  const isWell = (branch: Branch): number => Number(!branch.cut && branch.node.state !== "down");
  const lines = drawing.all
    .flatMap((parent) => parent.children.map((child) => [parent, child] as const))
    .sort(([, a], [, b]) => isWell(a) - isWell(b));
  const edge = (branch: Branch): number => left(branch) + kBox.width / 2;
  return (
    <svg aria-hidden="true" {...extent(drawing)}>
      {drawing.extras.map(({ link, from, to }) => (
        <g key={`${link.a} ${link.b}`} class={`${lineClass(link, [from, to])} extra`}>
          <path d={`M${edge(from)} ${middle(from)}L${edge(to)} ${middle(to)}`} />
        </g>
      ))}
      {lines.map(([parent, child]) => (
        <Line key={child.node.id} parent={parent} child={child} />
      ))}
    </svg>
  );
}

const shownPort = (port: string | null): string => (port ? portOf(port) : "\u00a0");

function Ports({
  branch,
  parent,
  map,
  ask,
}: {
  branch: Branch;
  parent: Branch;
  map: Topology;
  ask: Ask;
}): JSX.Element | null {
  const { link, cables } = branch;
  if (!link) return null;
  const isTurned = link.a !== parent.node.id;
  const [near, far] = isTurned ? [link.b_port, link.a_port] : [link.a_port, link.b_port];
  const start = left(parent) + kBox.width + kElbow;
  return (
    <button
      class="cable"
      type="button"
      style={{ left: `${start}px`, top: `${middle(branch) - 19}px`, width: `${left(branch) - start - 2}px` }}
      onClick={() => ask(link)}
    >
      <span>
        {cables > 1 && `×${cables} `}
        {near || far ? shownPort(near) : t(`sure.${link.strength}`)}
      </span>
      <span>{shownPort(far)}</span>
      <span class="vh">{linkText(link, map)}</span>
    </button>
  );
}

function Box({ branch }: { branch: Branch }): JSX.Element {
  const { node, cut } = branch;
  const place = { left: `${left(branch)}px`, top: `${middle(branch) - kBox.height / 2}px` };
  const kind = `node is-${markOf(node)}${node.state === "down" ? " is-down" : ""}${cut ? " is-cut" : ""}`;
  const inner = (
    <>
      <StateMark mark={markOf(node)} size={13} />
      <span class="name">{nameOf(node)}</span>
      {node.other_ends > 0 && <span class="ends">+{node.other_ends}</span>}
      <span class="vh">
        {" "}
        {stateOf(node)}
        {cut && ` ${t("topology.cut")}`}
        {node.other_ends > 0 && ` ${t("topology.other_ends", { n: node.other_ends })}`}
      </span>
    </>
  );
  return node.polled ? (
    <a class={kind} data-row href={devicePath(node.id)} title={nameOf(node)} style={place}>
      {inner}
    </a>
  ) : (
    <span class={`${kind} stranger`} title={nameOf(node)} style={place}>
      {inner}
    </span>
  );
}

export function TopologyTree({ drawing, map, ask }: { drawing: Drawing; map: Topology; ask: Ask }): JSX.Element {
  const { width, height } = extent(drawing);
  const parents = new Map(drawing.all.flatMap((one) => one.children.map((child) => [child, one] as const)));
  return (
    <div class="scroller topology" tabIndex={0} role="region" aria-label={t("topology.drawing")}>
      <div class="map" style={{ width: `${width}px`, height: `${height}px` }}>
        {drawing.columns.map(
          (layer, at) =>
            layer && (
              <span key={at} class="layer" style={{ left: `${at * kColumn}px` }}>
                {t(`layer.${layer}`)}
              </span>
            ),
        )}
        <Lines drawing={drawing} />
        <ul>
          {drawing.all.map((branch) => (
            <li key={branch.node.id}>
              {parents.has(branch) && <Ports branch={branch} parent={parents.get(branch)!} map={map} ask={ask} />}
              <Box branch={branch} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
