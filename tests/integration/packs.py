#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A station that is told nothing but addresses knows what a UPS and a switch are, and shows their sensors and states.

usage: packs.py BIN_DIR

A pack that breaks while the station runs is refused in the log, with its place, and its sensors go on.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Station, StationError, descendants, free_port  # noqa: E402

RECORDINGS = ROOT / "tests/integration/recordings"
STATION = """
station: {name: packs, zone: Asia/Shanghai}
polling: {interval: 5 s}
credentials:
  - {name: room, protocol: snmp-v2c, community: {secret: room}}
devices:
  - {id: ups, address: 127.19.0.1, port: PORT, credential: room}
  - {id: sw, address: 127.19.0.2, port: PORT, credential: room}
"""
UPS = {"Battery voltage": ("voltage", 54.7), "Battery charge": ("charge", 0.97), "Input 1 voltage": ("voltage", 228.0),
       "Input 2 voltage": ("voltage", 229.0), "Battery runtime": ("runtime", 3960.0)}


def console(bin_dir, state, *arguments, given=None):
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, *arguments], cwd=ROOT, input=given, capture_output=True,
                          text=True, timeout=30)
    if done.returncode != 0:
        raise StationError(f"outstation {' '.join(arguments)}: {done.returncode} {done.stderr}")
    return done.stdout


def sensors(session, device):
    return {one["name"]: one for one in session.get(f"/api/v1/devices/{device}/sensors")["items"]}


def check_ups(station, session):
    def there():
        found = sensors(session, "ups")
        return found if set(UPS) <= set(found) and all(found[name]["value"] is not None for name in UPS) else None
    found = station.wait_for("the sensors of the UPS", there, 60)
    for name, (kind, value) in UPS.items():
        assert found[name]["kind"] == kind and abs(found[name]["value"] - value) < 1e-6, (name, found[name])
    facts = session.get("/api/v1/devices/ups")["attributes"]
    assert (facts["vendor"], facts["class"], facts["model"], facts["serial"]) == ("apc", "power", "Smart-UPS X", "AS0001"), facts


def check_switch(station, session):
    def series():
        items = session.get("/api/v1/devices/sw/series?limit=500")["items"]
        found = {item["metric"]: item for item in items if item["value"] is not None}
        return found if {"processor_load_ratio", "memory_used_ratio", "temperature_celsius"} <= set(found) else None
    found = station.wait_for("what the switch measures", series, 60)
    assert abs(found["processor_load_ratio"]["value"] - 0.17) < 1e-6, found["processor_load_ratio"]
    assert abs(found["memory_used_ratio"]["value"] - 0.41) < 1e-6
    assert found["temperature_celsius"]["labels"]["sensor"] == "Slot 0"
    assert found["temperature_celsius"]["oid"] == "1.3.6.1.4.1.2011.5.25.31.1.1.1.1.11.67108867"
    assert session.get("/api/v1/devices/sw")["attributes"]["serial"] == "HW0001"


def check_states(bin_dir, state):
    items = json.loads(console(bin_dir, state, "--json", "states", "ups"))["facts"]
    battery = [one for one in items if one["name"] == "Output source"]
    assert battery and battery[0]["value"] == "battery" and battery[0]["reason"] == "warning", items
    assert "apc" in console(bin_dir, state, "show", "ups")


def check_recording(bin_dir, state, folder):
    """What is recorded over the network leads to the same packs, and tells nothing of whose device it is."""
    told = json.loads(console(bin_dir, state, "--json", "pack", "record", "ups", "-o", str(folder / "ups.snmprec")))
    assert told["redacted"] and told["values"] >= 10, told
    text = (folder / "ups.snmprec").read_text()
    for canary in ("AS0001", "ups-room", "room-of-packs"):
        assert canary not in text, (canary, text)
    packs = ["--packs", str(ROOT / "drivers/packs/snmp")]
    found = [json.loads(console(bin_dir, state, "--json", "pack", *packs, "try", str(path)))
             for path in (folder / "ups.snmprec", RECORDINGS / "ups.snmprec")]
    for key in ("vendor", "class", "hardware", "version"):
        assert found[0]["device"][key] == found[1]["device"][key], (key, found)
    assert found[0]["device"]["serial"] not in (None, "AS0001"), found[0]["device"]
    assert [(one["oid"], one["unit"]) for one in found[0]["sensors"]] == [(one["oid"], one["unit"]) for one in found[1]["sensors"]]


def polld_of(station):
    for pid in descendants(station.process.pid):
        if Path(f"/proc/{pid}/comm").read_text().strip() == "outstation-poll":
            return pid
    raise StationError("polld does not run")


def check_broken_pack(station, session, folder):
    file = folder / "ups-mib.yaml"
    file.write_text(file.read_text().replace("unit: charge", "unit: chargf"))
    os.kill(polld_of(station), signal.SIGHUP)
    station.wait_for("the refusal", lambda: "PACK_REFUSED" in station.said() and "ups-mib.yaml:" in station.said(), 30)
    polls = session.get("/api/v1/devices/ups")["poll"]["last"]
    station.wait_for("three more polls", lambda: session.get("/api/v1/devices/ups")["poll"]["last"] > polls, 30)
    check_ups(station, session)


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        state = folder / "state"
        (state / "confd/secrets").mkdir(parents=True, mode=0o700)
        (state / "confd/station.yaml").write_text(STATION.replace("PORT", str(port)))
        shutil.copytree(ROOT / "drivers/packs/snmp", state / "packs")
        (state / "polld").mkdir(mode=0o700)
        (state / "polld/polld.yaml").write_text(f"packs: {state}/packs\n")
        (folder / "community").write_text("room-of-packs\n")
        simulator = [bin_dir / "outstation-sim", "--community-file", folder / "community",
                     "--device", f"127.19.0.1:{port}={RECORDINGS}/ups.snmprec",
                     "--device", f"127.19.0.2:{port}={RECORDINGS}/switch.snmprec"]
        command = [bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", str(free_port())]
        with subprocess.Popen(simulator, stdout=subprocess.DEVNULL) as devices:
            try:
                with Station(command, folder / "console.log") as station:
                    station.console()
                    console(bin_dir, state, "secret", "set", "room", given="room-of-packs\n")
                    session = station.session()
                    check_ups(station, session)
                    check_switch(station, session)
                    check_states(bin_dir, state)
                    check_recording(bin_dir, state, folder)
                    check_broken_pack(station, session, state / "packs")
            finally:
                devices.terminate()
    print("a UPS and a switch are known by their packs, recorded they are, too; a broken pack costs nothing")


if __name__ == "__main__":
    main()
