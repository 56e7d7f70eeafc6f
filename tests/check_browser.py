#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a station with the demonstration room and lets Chromium walk through its real web interface.

usage: check_browser.py [--shots DIR] [--views NAMES]   (the last line counts the checks, as tests/browser/run.mjs prints it)
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from station import ROOT, Station, StationError, free_port


def walk(folder, shots, views):
    state, password_file = folder / "state", folder / "password"
    command = ["scripts/run", "--no-setup", "--no-build", "--state", state, "--port", free_port()]
    with Station(command, folder / "console.log") as station:
        session = station.session(limit_s=60)
        station.wait_for("first value", lambda: station.measured(session), 60)
        password_file.touch(mode=0o600)
        password_file.write_text(session.password)
        host, port, _ = session.place
        done = subprocess.run(["node", "tests/browser/run.mjs", "--url", f"https://{host}:{port}", "--user", "admin",
                               "--password-file", password_file, "--shots", shots,
                               "--views", views], cwd=ROOT)
        code = station.stop()
        if code != 0:
            raise StationError(f"the station ended with exit code {code}")
    return done.returncode


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--shots", default=ROOT / "build/shots/station", type=Path)
    options.add_argument("--views", default="all", help="as tests/browser/run.mjs takes them")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return walk(Path(folder), chosen.shots, chosen.views)
        except StationError as error:
            print(f"check failed: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
