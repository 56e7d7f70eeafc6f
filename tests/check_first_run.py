#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a station that nobody has set up and lets Chromium set it up on a phone, up to a room that is polled.

usage: check_first_run.py [--shots DIR]   (the last line counts, as tests/browser/first_run.mjs prints it)
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from station import ROOT, Station, StationError, free_port

DEVICES = 12  # of the simulated room


def first_run(folder, shots):
    state = folder / "state"
    command = ["scripts/run", "--empty", "--no-setup", "--no-build", "--state", state, "--port", free_port()]
    with Station(command, folder / "console.log") as station:
        host, port, _, password = station.console()
        community = (state / "room/community").read_text().strip()
        if community not in station.said():
            raise StationError("the console does not say which community the room answers to")
        done = subprocess.run(["node", "tests/browser/first_run.mjs", "--url", f"https://{host}:{port}",
                               "--password", password, "--community", community, "--devices", str(DEVICES),
                               "--shots", shots], cwd=ROOT)
        code = station.stop()
        if code != 0:
            raise StationError(f"the station ended with exit code {code}")
        if community in station.said().split("is running.", 1)[1]:
            raise StationError("the community is in the log")
    kept = [path for path in (state / "confd").rglob("*") if path.is_file() and community.encode() in path.read_bytes()]
    if kept:
        raise StationError(f"the community is in plain in {kept}")
    return done.returncode


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--shots", default=ROOT / "build/shots/first-run", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return first_run(Path(folder), chosen.shots)
        except StationError as error:
            print(f"check failed: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
