// SPDX-License-Identifier: GPL-3.0-or-later
// A room at the limits of the interface: 2,000 devices, some with names and places as long as the station takes them.

const kCount = 2000;
const kClasses = ["switch", "router", "firewall", "server", "storage", "ups", "pdu", "sensor", "printer", "other"];
const kLongName = "县行政服务中心三楼弱电间接入交换机".repeat(6);
const kLongWord = "very-long-host-name-without-any-space-".repeat(5);

const named = (index) => (index === 3 ? kLongName : index === 4 ? kLongWord : undefined);

export const crowd = Array.from({ length: kCount }, (_, at) => {
  const index = at + 1;
  return {
    index,
    id: `dev-${String(index).padStart(4, "0")}`,
    name: named(index),
    cls: kClasses[index % kClasses.length],
    location: index < 5 ? `${kLongWord} / ${kLongName}` : `Cabinet ${(index % 40) + 1}`,
    address: `10.${40 + (index >> 8)}.${index & 255}.1`,
    ports: 4,
    uplinks: 0,
    sensors: [],
    host: false,
    down: index % 3 === 0 && index < 100 ? 600 + index * 60 : undefined,
    descr: kLongWord.repeat(4),
  };
});
