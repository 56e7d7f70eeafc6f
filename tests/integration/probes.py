#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep of a /22 over a real wire that probes first: 50 devices that speak SNMP, a management controller and a web server.

usage: probes.py BIN_DIR

The station and the devices have a network namespace each, with a pair of virtual Ethernet ports between them; that needs root.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from discovery import RECORDINGS, console  # noqa: E402
from station import Station, StationError, free_port  # noqa: E402

SUBNET = "10.99.0.0/22"
STATION = "10.99.3.254"
CONTROLLER = "10.99.1.201"
WEB_SERVER = "10.99.1.200"
DEVICES = [f"10.99.{n % 4}.{10 + n}" for n in range(50)]
AGENTS_PORT = 1161
INSIDE = "OUTSTATION_PROBES_INSIDE"
CONFIG = f"""
station: {{name: probes, zone: Asia/Shanghai}}
credentials:
  - {{name: room, protocol: snmp-v2c, community: {{secret: room}}}}
discovery:
  - {{subnets: [{SUBNET}], credentials: [room]}}
"""
# Agents of the simulator, which are on loopback only, at the addresses of the devices; a presence pong with IPMI (DMTF ASF 2.0); a
# port that is open.
OTHERS = f"""
import selectors, socket, threading
web = socket.create_server(("{WEB_SERVER}", 443))
bmc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bmc.bind(("{CONTROLLER}", 623))
def accept():
    while True:
        web.accept()[0].close()
def relay():
    ports = selectors.DefaultSelector()
    for address in {DEVICES}:
        front, back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        front.bind((address, 161))
        back.connect((address.replace("10.99.", "127.21."), {AGENTS_PORT}))
        asker = []
        ports.register(front, selectors.EVENT_READ, (front, back, asker))
        ports.register(back, selectors.EVENT_READ, (front, back, asker))
    while True:
        for key, _ in ports.select():
            front, back, asker = key.data
            datagram, sender = key.fileobj.recvfrom(65536)
            if key.fileobj is front:
                asker[:] = [sender]
                back.send(datagram)
            else:
                front.sendto(datagram, asker[0])
threading.Thread(target=accept, daemon=True).start()
threading.Thread(target=relay, daemon=True).start()
print("ready", flush=True)
while True:
    ping, asker = bmc.recvfrom(100)
    assert ping[:9] == bytes.fromhex("0600ff06000011be80") and len(ping) == 12, ping
    bmc.sendto(ping[:8] + b"\\x40" + ping[9:10] + b"\\0\\x10" + bytes.fromhex("000011be" "00000000" "81" + 7 * "00"), asker)
"""


def must(*command):
    subprocess.run([str(part) for part in command], check=True)


def make_wire(devices):
    """A port for us and one for the process `devices`, with all their addresses."""
    there = ["nsenter", "--net", "--target", devices]
    must("ip", "link", "set", "lo", "up")
    must(*there, "ip", "link", "set", "lo", "up")
    must("ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1", "netns", devices)
    must("ip", "address", "add", f"{STATION}/22", "dev", "wire0")
    for address in [*DEVICES, CONTROLLER, WEB_SERVER]:
        must(*there, "ip", "address", "add", f"{address}/22", "dev", "wire1")
    must("ip", "link", "set", "wire0", "up")
    must(*there, "ip", "link", "set", "wire1", "up")
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")


def sent():
    """(octets, packets) that left by our port."""
    line = next(line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("wire0:"))
    fields = line.split(":")[1].split()
    return int(fields[8]), int(fields[9])


def sweep(bin_dir, state):
    began, before = time.monotonic(), sent()
    status = json.loads(console(bin_dir, state, "--json", "discover", "--detach", SUBNET))
    first_50 = None
    while status["state"] == "running":
        time.sleep(0.5)
        status = json.loads(console(bin_dir, state, "--json", "discover", "status"))
        if first_50 is None and status["found"] == 50:
            first_50 = time.monotonic() - began
    took = time.monotonic() - began
    octets, packets = (after - first for after, first in zip(sent(), before))
    assert (status["state"], status["done"], status["found"], status["others"]) == ("done", 1022, 50, 2), status
    assert (status["probed"], status["unprobed"], status["problems"]) == (1022, "", []), status
    return took, first_50, octets, packets


def check_found(found):
    by_address = {one["addresses"][0]: one for one in found}
    assert set(by_address) == {*DEVICES, CONTROLLER, WEB_SERVER}, set(by_address) ^ {*DEVICES, CONTROLLER, WEB_SERVER}
    for address in DEVICES:
        assert by_address[address]["seen"] == ["snmp", "ping", "tcp/443 refused"], by_address[address]
    controller, web_server = by_address[CONTROLLER], by_address[WEB_SERVER]
    assert controller["seen"] == ["ping", "ipmi", "tcp/443 refused", "arp"] and controller["class"] == "bmc", controller
    assert web_server["seen"] == ["ping", "tcp/443", "arp"] and web_server["class"] == "", web_server


def run(bin_dir, folder, devices):
    there = ["nsenter", "--net", "--target", str(devices)]
    state = folder / "state"
    (state / "confd/secrets").mkdir(parents=True, mode=0o700)
    (state / "confd/station.yaml").write_text(CONFIG)
    (folder / "community").write_text("room-to-probe\n")
    room = "devices:\n"
    for n, address in enumerate(DEVICES):
        text = (RECORDINGS / "ups.snmprec").read_text().replace("ups-room", f"ups-{n}").replace("AS0001", f"AS{n:04}")
        (folder / f"ups-{n}.snmprec").write_text(text)
        room += f"  - {{id: ups-{n}, address: {address.replace('10.99.', '127.21.')}, play: ups-{n}.snmprec}}\n"
    (folder / "room.yaml").write_text(room)
    simulator = [bin_dir / "outstation-sim", "--community-file", folder / "community", "--room", folder / "room.yaml", "--port",
                 str(AGENTS_PORT)]
    command = [bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", str(free_port())]
    with subprocess.Popen([*there, *simulator], stdout=subprocess.DEVNULL) as agents, \
            subprocess.Popen([*there, sys.executable, "-c", OTHERS], stdout=subprocess.PIPE, text=True) as others:
        try:
            assert others.stdout.readline() == "ready\n"
            with Station(command, folder / "console.log") as station:
                station.console()
                console(bin_dir, state, "secret", "set", "room", given="room-to-probe\n")
                took, first_50, octets, packets = sweep(bin_dir, state)
                check_found(json.loads(console(bin_dir, state, "--json", "discover", "list"))["candidates"])
                assert CONTROLLER in console(bin_dir, state, "discover", "list")
        finally:
            agents.terminate()
            others.terminate()
    assert took < 120, f"{took:.0f} s"
    print(f"50 of 1,022 addresses found in {first_50:.0f} s, all asked in {took:.0f} s: {packets / took:.0f} packets and "
          f"{octets / took / 1000:.1f} kB a second; a management controller and a web server are listed with how they were seen")


def main():
    if os.geteuid() != 0:
        return print("skipped: probes: network namespaces need root")
    wire = subprocess.run(["unshare", "--net", "ip", "link", "add", "trial0", "type", "veth"], capture_output=True, text=True, check=False)
    if wire.returncode != 0:
        return print(f"skipped: probes: no network namespace with a wire here: {wire.stderr.strip()}")
    if INSIDE not in os.environ:
        return subprocess.run(["unshare", "--net", sys.executable, "-B", *sys.argv], env={**os.environ, INSIDE: "1"}, check=True)
    with tempfile.TemporaryDirectory() as folder, \
            subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) as devices:
        try:
            ours = os.readlink("/proc/self/ns/net")
            limit = time.monotonic() + 10
            while os.readlink(f"/proc/{devices.pid}/ns/net") == ours:
                if time.monotonic() > limit:
                    raise StationError("no second network namespace")
                time.sleep(0.05)
            make_wire(devices.pid)
            run(Path(sys.argv[1]).absolute(), Path(folder), devices.pid)
        finally:
            devices.terminate()
    return None


if __name__ == "__main__":
    main()
