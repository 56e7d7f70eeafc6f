#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole suite costs: memory of each daemon, time from start to the first value, weight of the first page.

usage: suite.py [--quick] [--json]   (prints JSON lines either way; scripts/bench makes the table)
"""
import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Station, descendants, free_port  # noqa: E402

BIN = ROOT / "build/release/bin"
DAEMONS = ("stored", "confd", "authd", "probed", "polld", "alertd", "webd")
KIB = 1024


def figure(name, value, unit, goal=None, **more):
    line = {"name": name, "value": round(value, 3), "unit": unit, "goal": goal,
            "ok": None if goal is None else value <= goal, **more}
    print(json.dumps(line), flush=True)


def page_weight():
    """Bytes on the wire of the first load in Chinese: index.html and all that it names, as the station sends them."""
    dist = ROOT / "web-ui/dist"
    sizes = {file["path"]: file["gzip_bytes"] for file in json.loads((dist / "manifest.json").read_text())["files"]}
    named = re.findall(r'(?:src|href|data-zh)="(/assets/[^"]+)"', (dist / "index.html").read_text())
    return sizes["/"] + sum(sizes[path] for path in set(named))


def memory_kib(pid):
    """(RSS, PSS) of a process; the PSS shares out what several processes map."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return tuple(int(re.search(rf"^{key}:\s+(\d+)", text, re.MULTILINE).group(1)) for key in ("Rss", "Pss"))


def daemon_pids(station):
    pids = {}
    for pid in descendants(station.process.pid):
        name = Path(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]).name
        if name.removeprefix("outstation-") in DAEMONS:
            pids[name.removeprefix("outstation-")] = pid
    return pids


def measure_station(quick):
    with tempfile.TemporaryDirectory(prefix="outstation-bench-") as folder:
        state, console, password = f"{folder}/state", f"{folder}/console.log", secrets.token_urlsafe(16)
        subprocess.run(["scripts/demo-room", "--state", state], cwd=ROOT, check=True)
        command = [BIN / "outstation", "run", "--state", state, "--bin", BIN, "--ui", ROOT / "web-ui/dist", "--port",
                   free_port(), "--with", f"{state}/room/with.yaml"]
        with Station(command, console) as station:
            station.session(password=password)
            figure("suite.first_start_to_sign_in", time.monotonic() - station.started, "s")
            station.cut()
        # The second start is the one a box makes after a power cut: keys and users exist.
        with Station(command, console) as station:
            session = station.session(password=password)
            station.wait_for("first value", lambda: station.measured(session), 30)
            figure("suite.start_to_first_value", time.monotonic() - station.started, "s", goal=2.0)
            time.sleep(5 if quick else 60)
            print_memory(daemon_pids(station))
            station.cut()


def print_memory(pids):
    total = 0
    for name, pid in sorted(pids.items()):
        rss, pss = memory_kib(pid)
        total += pss
        figure(f"suite.rss.{name}", rss / KIB, "MiB", goal=8.0 if name == "polld" else None)
    figure("suite.pss.all", total / KIB, "MiB", goal=60.0)


def main():
    quick = "--quick" in sys.argv
    figure("web.first_load", page_weight() / KIB, "KiB", goal=80.0)
    measure_station(quick)


if __name__ == "__main__":
    main()
