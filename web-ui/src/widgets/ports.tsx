// SPDX-License-Identifier: GPL-3.0-or-later
// The front panel of a device: one cell a physical port, odd numbers above even ones.

import type { JSX } from "preact";
import type { Interface } from "../api/types";
import { bits, compare, orNone, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { type PortState, portState } from "./state";

/** ethernetCsmacd of IANAifType-MIB. */
const kEthernet = 6;
const kPortsPerBlock = 24;

export const isPhysical = (port: Interface): boolean =>
  port.type === kEthernet && !/^(lo|vlan|br|bond|veth|docker)/i.test(port.name);

const kSymbols: Partial<Record<PortState, string>> = { lost: "×", unknown: "?" };

/** What fits into a cell: the last number of the name, else its first letters. */
const portLabel = (name: string): string => /(\d+)$/.exec(name)?.[1] ?? untrusted(name).slice(0, 3);
const stem = (name: string): string => name.replace(/\d+$/, "");

/** Ports with the same name but for the last number stand together, in blocks of 24. */
export function portBlocks(ports: Interface[]): Interface[][] {
  const stems = new Map<string, Interface[]>();
  for (const port of ports) stems.set(stem(port.name), [...(stems.get(stem(port.name)) ?? []), port]);
  return [...stems.values()].flatMap((group) => {
    const sorted = group.sort((a, b) => compare(a.name, b.name));
    return Array.from({ length: Math.ceil(sorted.length / kPortsPerBlock) }, (_, index) =>
      sorted.slice(index * kPortsPerBlock, (index + 1) * kPortsPerBlock),
    );
  });
}

function describe(port: Interface, state: PortState): string {
  const rates =
    state === "up" || state === "busy" || state === "errors"
      ? `, ${t("col.in")} ${orNone(port.in_bps, bits)}, ${t("col.out")} ${orNone(port.out_bps, bits)}`
      : "";
  return `${untrusted(port.name)}${port.alias ? ` ${untrusted(port.alias, 40)}` : ""}: ${t(`port.${state}`)}${rates}`;
}

interface PortsProps {
  device: string;
  ports: Interface[];
  lost: ReadonlySet<string>;
}

function Cell({ device, port, lost }: Omit<PortsProps, "ports"> & { port: Interface }): JSX.Element {
  const state = portState(port, lost);
  const text = describe(port, state);
  return (
    <li>
      <a class={`port ${state}`} href={devicePath(device, "summary", `if=${port.if_index}`)} title={text}>
        <span aria-hidden="true">{kSymbols[state] ?? portLabel(port.name)}</span>
        <span class="vh">{text}</span>
      </a>
    </li>
  );
}

export function Ports({ device, ports, lost }: PortsProps): JSX.Element {
  return (
    <div class="ports">
      {portBlocks(ports).map((block) => (
        <ul key={block[0]!.name} class={block.length > 4 ? "two-rows" : ""}>
          {block.map((port) => (
            <Cell key={port.if_index} device={device} port={port} lost={lost} />
          ))}
        </ul>
      ))}
    </div>
  );
}

export function portSummary(ports: Interface[], lost: ReadonlySet<string>): string {
  const states = ports.map((port) => portState(port, lost));
  const order: PortState[] = ["lost", "errors", "busy", "up", "down", "disabled", "unknown"];
  return order
    .map((state) => ({ state, n: states.filter((one) => one === state).length }))
    .filter(({ n }) => n)
    .map(({ state, n }) => `${n} ${t(`port.${state}`)}`)
    .join(t("comma"));
}
