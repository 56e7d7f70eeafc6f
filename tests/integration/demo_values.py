#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration shows real values: at least 50 OIDs against snmpget at two times, rates against counters, a gap when snmpd stops;
a Chinese word of two characters finds where devices say they stand, and ports by what they are called.

usage: demo_values.py BIN_DIR
"""
import calendar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Station, descendants, free_port  # noqa: E402

DEVICE = "this-machine"
STILL = re.compile(r"^(if_speed|if_admin|if_oper|if_number|hr_storage_size|hr_memory_size)")


class Agent:
    """snmpget on the same snmpd; the community goes by a private file, not by an argument."""

    def __init__(self, state):
        self.community = (state / "room/community").read_text().strip()
        self.port = json.loads((state / "room/room.json").read_text())["agent_port"]
        self.folder = tempfile.TemporaryDirectory()
        (Path(self.folder.name) / "snmp.conf").write_text(f"defVersion 2c\ndefCommunity {self.community}\n")

    def get(self, oids):
        values = {}
        for at in range(0, len(oids), 40):
            done = subprocess.run(["snmpget", "-Oqnt", "-OU", f"127.0.0.1:{self.port}", *oids[at:at + 40]], capture_output=True,
                                  text=True, timeout=20, env={**os.environ, "MIBS": "", "SNMPCONFPATH": self.folder.name})
            for line in done.stdout.splitlines():
                oid, _, value = line.partition(" ")
                match = re.match(r"-?\d+", value.strip('"'))
                if match:
                    values[oid.lstrip(".")] = int(match.group())
        return values


def all_series(session):
    items, cursor = [], ""
    while True:
        page = session.get(f"/api/v1/devices/{DEVICE}/series?limit=500{cursor}")
        items += page["items"]
        if not page["next"]:
            return {item["oid"]: item for item in items if item["oid"]}
        cursor = "&cursor=" + page["next"]


def traffic(stop):
    """Loopback datagrams, so that lo's counters move: about 4 MB a second."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while not stop.wait(0.02):
        for _ in range(80):
            source.sendto(b"x" * 1000, sink.getsockname())


def compare(session, agent):
    """Each polled raw value lies between two snmpgets around its poll: what stands still is equal. Gives the metrics compared."""
    first = agent.get(sorted(all_series(session)))
    time_before = time.time()
    for _ in range(200):
        series = all_series(session)
        seen = [item for item in series.values() if item["metric"] == "if_in_octets_total"]
        polled = seen and seen[0]["time"] and time.strptime(seen[0]["time"][:19], "%Y-%m-%dT%H:%M:%S")
        if polled and calendar.timegm(polled) > time_before:
            break
        time.sleep(0.2)
    else:
        sys.exit("no poll within 40 s")
    second = agent.get(sorted(series))
    compared = []
    for oid, item in series.items():
        if oid not in first or oid not in second or item["value"] is None:
            continue
        raw = int(item["value_text"]) if item["kind"] == "counter" else round(item["value"] / item["scale"])
        low, high = sorted((first[oid], second[oid]))
        if item["kind"] == "counter" or item["metric"] == "sys_uptime_seconds":
            assert first[oid] <= raw <= second[oid], (oid, first[oid], raw, second[oid])
        elif STILL.match(item["metric"]):
            assert low <= raw <= high, (oid, first[oid], raw, second[oid])
        elif item["metric"] in ("hr_storage_used_bytes", "hr_system_processes"):
            # These move both ways between the reads: within the two or a twentieth of them.
            assert low * 0.95 - 5 <= raw <= high * 1.05 + 5, (oid, first[oid], raw, second[oid])
        else:
            continue
        compared.append(item["metric"])
    return compared


def check_rate(session):
    """The API's rate of lo equals the difference of the counters it shows."""
    item = next(i for i in all_series(session).values() if i["metric"] == "if_in_octets_total" and i["labels"]["if_name"] == "lo")
    points = []
    while len(points) < 3:
        now = next(i for i in all_series(session).values() if i["id"] == item["id"])
        if not points or now["time"] != points[-1][0]:
            points.append((now["time"], int(now["value_text"])))
        time.sleep(0.3)

    def seconds(text):
        return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float("0" + text[19:-1])
    elapsed = seconds(points[2][0]) - seconds(points[1][0])
    expected = (points[2][1] - points[1][1]) * 8 / elapsed
    shown = next(i for i in session.get(f"/api/v1/devices/{DEVICE}/interfaces")["items"] if i["name"] == "lo")["in_bps"]
    assert expected > 1e6, "there was traffic, so the rate is not zero"
    assert abs(shown - expected) <= 0.01 * expected, (shown, expected)
    return expected, shown


def check_search(station, session):
    """The simulated core switch says in its sysLocation that it stands in a cabinet."""
    path = "/api/v1/search?limit=500&q=" + urllib.parse.quote("机柜")

    def place():
        found = session.get(path)["items"]
        return next((one for one in found if (one["device"], one["attribute"]) == ("core-sw-01", "sys_location")), None)
    known = station.wait_for("a place by a word", place, 60)
    assert "机柜" in known["value"], known
    past = session.get("/api/v1/devices/core-sw-01/states/history?attribute=sys_location")["items"]
    assert [one["value"] for one in past] == [known["value"]], past


def check_ports(station, session, state):
    """What somebody wrote as the description of a port, two characters of it, and its name find device and port."""
    uplink = ("acc-sw-01", "XGE0/0/1", "if_alias", "上联核心交换机")

    def port_of(words):
        found = session.get("/api/v1/search?limit=500&q=" + urllib.parse.quote(words))["items"]
        return next((one for one in found if (one["device"], one["name"], one["attribute"], one["value"]) == uplink), None)
    by_alias = station.wait_for("a port by its alias", lambda: port_of("上联"), 60)
    by_name = station.wait_for("the port by its name", lambda: port_of("XGE0/0/1"), 60)
    assert by_name["component"] == by_alias["component"], (by_name, by_alias)
    told = len(session.get(f"/api/v1/devices/acc-sw-01/states/history?component={by_alias['component']}&attribute=if_alias")["items"])
    assert told == 1, "it is told once"
    for words in (["上联"], ["acc-sw-01", "xge0/0/1"]):
        said = subprocess.run([Path(sys.argv[1]) / "outstation", "--state-dir", state, "search", *words], capture_output=True,
                              text=True, timeout=60, check=True).stdout
        assert re.search(r"^acc-sw-01 +XGE0/0/1 +if_alias +上联核心交换机", said, re.MULTILINE), said


def check_gap(session, agent_pid, interval_s):
    """snmpd stands still: the device is down, and the chart has a gap, not zeros."""
    item = next(i for i in all_series(session).values() if i["metric"] == "if_in_octets_total" and i["labels"]["if_name"] == "lo")
    os.kill(agent_pid, signal.SIGSTOP)
    try:
        stopped = time.time()
        deadline = stopped + 60
        while session.get(f"/api/v1/devices/{DEVICE}")["state"] != "down":
            assert time.time() < deadline, "the device is not shown as down"
            time.sleep(0.5)
        time.sleep(2 * interval_s)
    finally:
        os.kill(agent_pid, signal.SIGCONT)
    resumed = time.time()
    while session.get(f"/api/v1/devices/{DEVICE}")["state"] != "up":
        assert time.time() < resumed + 60, "the device did not come back"
        time.sleep(0.5)
    time.sleep(interval_s + 1)
    step = int(interval_s)
    answer = session.get(f"/api/v1/range?series={item['id']}&from={stopped - 3 * step:.0f}&to={time.time():.0f}&step={step}")
    inside = [mean for t, mean in zip(answer["t"], answer["series"][0]["mean"]) if stopped + step < t < resumed - step]
    before = [mean for t, mean in zip(answer["t"], answer["series"][0]["mean"]) if t < stopped - step]
    assert inside and all(mean is None for mean in inside), ("a gap is a gap", inside)
    assert any(mean is not None for mean in before), ("there were values before", before)
    return len(inside)


def find_agent(run_pid):
    """The snmpd below our own station."""
    return next(pid for pid in descendants(run_pid) if Path(f"/proc/{pid}/comm").read_text().strip() == "snmpd")


def main():
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        command = [ROOT / "scripts/run", "--no-setup", "--no-build", "--state", state, "--port", str(free_port())]
        stop = threading.Event()
        thread = threading.Thread(target=traffic, args=(stop,), daemon=True)
        with Station(command, Path(folder) / "console.log") as station:
            session = station.session()
            station.wait_for("two polls", lambda: any(item["in_bps"] is not None for item in
                                                      session.get(f"/api/v1/devices/{DEVICE}/interfaces")["items"]), 60)
            check_search(station, session)
            check_ports(station, session, state)
            agent = Agent(state)
            thread.start()
            interval_s = session.get(f"/api/v1/devices/{DEVICE}")["poll"]["interval_s"]
            compared = compare(session, agent)
            time.sleep(interval_s)
            again = compare(session, agent)
            assert len(compared) >= 50 and len(again) >= 50, (len(compared), len(again))
            assert {"if_in_octets_total", "hr_storage_used_bytes"} <= set(compared)
            expected, shown = check_rate(session)
            stop.set()
            ticks = check_gap(session, find_agent(station.process.pid), interval_s)
            print(f"{len(compared)} and {len(again)} OIDs agree with snmpget; rate {shown / 1e6:.2f} Mbit/s of {expected / 1e6:.2f}; "
                  f"{ticks} steps of gap")
            assert station.stop() == 0


if __name__ == "__main__":
    main()
