// SPDX-License-Identifier: GPL-3.0-or-later
// The mock station's map of the room: a way out, a core, access switches, and ends spread over them. Of each kind of
// evidence there is a link.

import { iso } from "./mock-data.mjs";

const kOldest = 40 * 86_400;

function proof(device, protocol, port, remote, since) {
  return {
    device,
    protocol,
    port,
    remote_name: null,
    remote_port: null,
    remote_id: null,
    remote_address: null,
    ...remote,
    since,
  };
}

const heard = (near, port, far, farPort, since) =>
  proof(near, "lldp", port, { remote_name: far, remote_port: farPort, remote_id: "00:11:22:33:44:55" }, since);

function link(now, strength, a, a_port, b, b_port) {
  const since = iso(now - kOldest);
  const evidence = {
    both_ends: () => [heard(a, a_port, b, b_port, since), heard(b, b_port, a, a_port, iso(now - kOldest / 2))],
    one_end: () => [heard(a, a_port, b, b_port, since)],
    fdb: () => [proof(a, "fdb", a_port, { remote_id: "02:00:5e:10:00:07" }, since)],
    arp: () => [proof(a, "arp", a_port, { remote_id: "02:00:5e:10:00:08", remote_address: "10.36.7.30" }, since)],
    routing: () => [proof(a, "bgp", null, { remote_address: "198.51.100.1" }, since)],
  };
  return { a, a_port, b, b_port, strength, since, evidence: evidence[strength]() };
}

/** What hangs on what: [parent, its port, child, its port, how sure]. The last of the room is connected to nothing. */
function cables(devices) {
  const of = (...classes) => devices.filter((one) => classes.includes(one.cls)).map((one) => one.id);
  const [core, ...access] = of("switch");
  const [firewall, ...others] = of("firewall");
  const router = of("router")[0];
  const ends = devices.filter((one) => !["switch", "router", "firewall"].includes(one.cls)).map((one) => one.id);
  const found = [[router, "GE0/0/1", firewall, "untrust", "both_ends"]];
  found.push([firewall, "trust", core, "GE1/0/24", "both_ends"]);
  others.forEach((id, at) => found.push([core, `GE1/0/${at + 30}`, id, "mgmt", "one_end"]));
  access.forEach((id, at) => found.push([core, `XGE1/0/${at + 1}`, id, "XGE0/0/1", "both_ends"]));
  const on = access.length ? access : [core];
  const sure = ["both_ends", "fdb", "one_end", "fdb", "arp"];
  ends.slice(0, -1).forEach((id, at) => {
    const by = sure[at % sure.length];
    const farPort = by === "fdb" || by === "arp" ? null : "eth0";
    found.push([on[at % on.length], `GE0/0/${Math.floor(at / on.length) + 1}`, id, farPort, by]);
  });
  return found.filter(([a, , b]) => a && b);
}

const kLayers = { router: "wan", firewall: "wan", switch: "access" };

const stranger = (id, name, layer, parent) => ({
  id,
  name,
  class: null,
  address: null,
  polled: false,
  state: null,
  since: null,
  alarm: null,
  layer,
  parent,
  other_ends: 0,
});

export function topology(world, listed, only) {
  const tree = cables(world.devices);
  const parents = new Map(tree.map(([a, , b]) => [b, a]));
  const core = world.devices.find((one) => one.cls === "switch")?.id;
  const access = world.devices.filter((one) => one.cls === "switch").map((one) => one.id);
  const router = world.devices.find((one) => one.cls === "router")?.id;
  let nodes = world.devices.map((one, at) => {
    const row = listed(one);
    return {
      id: row.id,
      name: row.name,
      class: row.class,
      address: row.address,
      polled: true,
      state: row.state,
      since: row.since,
      alarm: row.state === "up" && at % 9 === 4 ? "minor" : null,
      layer: row.id === core ? "core" : (kLayers[row.class] ?? "end"),
      parent: parents.get(row.id) ?? null,
      other_ends: row.class === "switch" && row.id !== core ? 7 : 0,
    };
  });
  let links = tree.map((cable) => link(world.now, cable[4], ...cable.slice(0, 4)));
  if (router) {
    nodes.push(stranger("?198.51.100.1", "198.51.100.1", "wan", router));
    links.push(link(world.now, "routing", router, null, "?198.51.100.1", null));
  }
  const silent = nodes.find((one) => one.state === "down" && access.includes(one.id));
  if (silent) {
    nodes.push(stranger("?cam-03", "cam-03", "end", silent.id));
    links.push(link(world.now, "one_end", silent.id, "GE0/0/9", "?cam-03", "eth0"));
  }
  if (access.length > 2) {
    nodes.push(stranger("?ap-lobby", "ap-lobby\u202e<b>", "end", access[1]));
    links.push(link(world.now, "one_end", access[1], "GE0/0/40", "?ap-lobby", "eth0"));
    links.push(link(world.now, "both_ends", access[1], "XGE0/0/2", access[2], "XGE0/0/2"));
    links.push(link(world.now, "both_ends", core, "XGE1/0/9", access[1], "XGE0/0/3"));
  }
  if (only) {
    links = links.filter((one) => one.a === only || one.b === only);
    nodes = nodes.filter(({ id }) => id === only || links.some((one) => one.a === id || one.b === id));
  }
  return { nodes, links, more: false, alarms_known: true, fresh: !world.storeGone, as_of: iso(world.now) };
}
