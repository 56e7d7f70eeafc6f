// SPDX-License-Identifier: GPL-3.0-or-later
// What tells of a link: a dialog over the map, and the table on the page of a device.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Evidence, Topology, TopologyLink } from "../api/topology";
import { listed, momentOrNone, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { Icon } from "../widgets/icons";
import { nameOf, portOf } from "./topology_words";

function End({ id, port, map }: { id: string; port: string | null; map: Topology }): JSX.Element {
  const node = map.nodes.find((one) => one.id === id);
  const name = nameOf(node, id);
  return (
    <span>
      {node?.polled ? <a href={devicePath(id)}>{name}</a> : <b>{name}</b>} <span class="mono">{portOf(port)}</span>
    </span>
  );
}

const said = (one: Evidence): string =>
  listed([
    untrusted(one.remote_name, 60),
    untrusted(one.remote_port, 60),
    untrusted(one.remote_id, 60),
    untrusted(one.remote_address, 60),
  ]);

export function EvidenceDialog({
  link,
  map,
  close,
}: {
  link: TopologyLink;
  map: Topology;
  close: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog evidence" aria-labelledby="evidence-title" onClose={close}>
      <header>
        <h2 id="evidence-title">{t("topology.evidence")}</h2>
        <span class="grow" />
        <button class="quiet" type="button" aria-label={t("close")} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <div class="body">
        <p class="ends">
          <End id={link.a} port={link.a_port} map={map} />
          <span aria-hidden="true"> – </span>
          <End id={link.b} port={link.b_port} map={map} />
        </p>
        <p class="muted">{t(`sure.${link.strength}.hint`)}</p>
        <ul class="proofs">
          {link.evidence.map((one, at) => (
            <li key={at}>
              <span class="tag">{one.protocol.toUpperCase()}</span>{" "}
              {t("topology.says", {
                device: nameOf(
                  map.nodes.find((node) => node.id === one.device),
                  one.device,
                ),
                port: portOf(one.port),
              })}{" "}
              <span class="mono">{said(one)}</span>
              <span class="muted small since">{t("topology.since", { time: momentOrNone(one.since) })}</span>
            </li>
          ))}
        </ul>
      </div>
    </dialog>
  );
}
