#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep of a /22 with 50 live devices: found within two minutes, known by their packs, taken over, polled.

usage: discovery.py BIN_DIR

A decoy hears the credential of its own scope and no other. Then one device is gone, one is another version and one is new: each is
told once, and settled.
"""
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Station, StationError, free_port  # noqa: E402

RECORDINGS = ROOT / "tests/integration/recordings"
STATION = """
station: {name: discovery, zone: Asia/Shanghai}
polling: {interval: 5 s}
credentials:
  - {name: wrong, protocol: snmp-v2c, community: {secret: wrong}}
  - {name: room, protocol: snmp-v2c, community: {secret: room}}
  - {name: decoy, protocol: snmp-v2c, community: {secret: decoy}}
discovery:
  - {subnets: [127.21.0.0/22], credentials: [wrong, room], port: PORT}
  - {subnets: [127.22.0.1], credentials: [decoy], port: DECOY}
"""


def console(bin_dir, state, *arguments, given=None, fails=False, limit_s=150):
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, *arguments], cwd=ROOT, input=given, capture_output=True,
                          text=True, timeout=limit_s)
    if (done.returncode != 0) != fails:
        raise StationError(f"outstation {' '.join(arguments)}: {done.returncode} {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def all_of(decoy):
    heard = b""
    try:
        while True:
            heard += decoy.recv(2000)
    except BlockingIOError:
        return heard


def sweep(bin_dir, state):
    began = time.monotonic()
    status = json.loads(console(bin_dir, state, "--json", "discover", "127.21.0.0/22", "127.22.0.1"))
    took = time.monotonic() - began
    assert (status["state"], status["total"], status["done"]) == ("done", 1023, 1023), status
    assert status["found"] == 50, status
    found = json.loads(console(bin_dir, state, "--json", "discover", "list"))["candidates"]
    assert len(found) == 50 and {one["credential"] for one in found} == {"room"}, found[:2]
    assert {(one["vendor"], one["class"]) for one in found} == {("apc", "power")}, found[:2]
    return took, found


def room_of(folder, devices):
    """{number: address}; each calls itself by its own name; one recording has one serial number."""
    (folder / "room.yaml").write_text("devices:\n" + "".join(
        f"  - {{id: ups-{n}, address: {address}, play: ups-{n}.snmprec}}\n" for n, address in devices.items()))
    for n in devices:
        text = (RECORDINGS / "ups.snmprec").read_text().replace("ups-room", f"ups-{n}").replace("AS0001", f"AS{n:04}")
        (folder / f"ups-{n}.snmprec").write_text(text)


def differences(bin_dir, state):
    return json.loads(console(bin_dir, state, "--json", "discover", "diff"))["differences"]


def search_again(bin_dir, state, session):
    """What is otherwise is told once, and stands until it is settled."""
    status = json.loads(console(bin_dir, state, "--json", "discover", "127.21.0.0/26"))
    assert status["problems"] == [] and status["left_alone"] == [] and status["next_ns"] > 0, status
    told = {one["kind"]: one for one in differences(bin_dir, state)}
    assert set(told) == {"vanished", "changed", "new"}, told
    assert told["vanished"]["before"]["addresses"] == ["127.21.0.14"], told
    assert told["changed"]["differs"] == ["serial"] and told["changed"]["now"]["serial"] == "AS9999", told
    assert told["new"]["now"]["addresses"] == ["127.21.0.5"], told
    console(bin_dir, state, "discover", "127.21.0.0/26")
    events = [one["kind"] for one in session.get("/api/v1/events")["items"] if one["kind"].startswith("discovery_")]
    assert sorted(events) == ["discovery_changed", "discovery_new", "discovery_vanished"], events
    console(bin_dir, state, "discover", "accept-diff", str(told["changed"]["id"]))
    console(bin_dir, state, "discover", "ignore-diff", str(told["vanished"]["id"]))
    left = session.get("/api/v1/discovery/differences")["items"]
    assert [(one["kind"], one["ignored"]) for one in left] == [("new", False), ("vanished", True)], left
    new = [one for one in session.get("/api/v1/discovery/candidates")["items"] if one["difference"] == "new"]
    assert [one["addresses"] for one in new] == [["127.21.0.5"]], new


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as decoy:
        folder = Path(folder)
        decoy.bind(("127.22.0.1", 0))
        decoy.setblocking(False)
        state = folder / "state"
        (state / "confd/secrets").mkdir(parents=True, mode=0o700)
        (state / "confd/station.yaml").write_text(STATION.replace("PORT", str(port)).replace("DECOY", str(decoy.getsockname()[1])))
        (folder / "community").write_text("room-to-discover\n")
        room = {n: f"127.21.{n % 4}.{10 + n}" for n in range(50)}
        room_of(folder, room)
        simulator = [bin_dir / "outstation-sim", "--community-file", folder / "community", "--room", folder / "room.yaml",
                     "--port", str(port)]
        command = [bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", str(free_port())]
        with subprocess.Popen(simulator, stdout=subprocess.DEVNULL) as devices:
            try:
                with Station(command, folder / "console.log") as station:
                    station.console()
                    console(bin_dir, state, "secret", "set", "room", given="room-to-discover\n")
                    console(bin_dir, state, "secret", "set", "wrong", given="not-this-one\n")
                    console(bin_dir, state, "secret", "set", "decoy", given="for-the-decoy\n")
                    session = station.session()
                    assert "in no scope" in console(bin_dir, state, "discover", "127.21.4.0/24", fails=True)
                    took, found = sweep(bin_dir, state)
                    address = found[0]["addresses"][0]
                    console(bin_dir, state, "discover", "accept", address, "--id", "ups-a", "--location", "机房")
                    station.wait_for("the accepted device", lambda: session.get("/api/v1/devices/ups-a")["state"] == "up", 60)
                    assert "already" in console(bin_dir, state, "discover", "accept", address, fails=True)
                    assert "DEVICE_ADDED" in station.said()
                    other = found[1]["addresses"][0]
                    console(bin_dir, state, "discover", "ignore", other)
                    known = {one["addresses"][0]: one for one in session.get("/api/v1/discovery/candidates")["items"]}
                    assert known[address]["known_as"] == "ups-a" and known[other]["ignored"]
                    assert known[address]["why"], "it does not say why the packs are its"
                    console(bin_dir, state, "discover", "restore", other)
                    assert "not found" in console(bin_dir, state, "discover", "ignore", "127.21.3.250", fails=True)
                    devices.terminate()
                    devices.wait()
                    del room[4]
                    room_of(folder, room | {90: "127.21.0.5"})
                    changed = folder / "ups-8.snmprec"
                    changed.write_text(changed.read_text().replace("AS0008", "AS9999"))
                    with subprocess.Popen(simulator, stdout=subprocess.DEVNULL) as others:
                        try:
                            search_again(bin_dir, state, session)
                        finally:
                            others.terminate()
                heard = all_of(decoy)
                assert b"for-the-decoy" in heard and b"room-to-discover" not in heard and b"not-this-one" not in heard
            finally:
                devices.terminate()
    assert took < 120, f"{took:.0f} s"
    print(f"50 of 1,022 addresses found in {took:.0f} s; one of them is polled; one new, one changed, one gone are told once")


if __name__ == "__main__":
    main()
