#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a station, waits until the API shows a measured value, tells how long that took, and stops it.

usage: check_station.py COMMAND ARGUMENT...   (exit code 0: a value came and the station stopped cleanly)
"""
import contextlib
import sys
import tempfile
import time
from pathlib import Path

from station import Station, StationError


def check(command, log):
    """`command` is that of `outstation run`, with --state DIR. Nobody's password is touched: it may be a real station."""
    state = command[command.index("--state") + 1]
    with Station(command, log) as station:
        with station.reader(command[0], state) as session:
            station.wait_for("first value", lambda: station.measured(session), 60)
            value_s = time.monotonic() - station.started
            # Every configured device gets its turn: wait for the rest of the room, but not for ever.
            with contextlib.suppress(StationError):
                station.wait_for("whole room", lambda: whole_room(session), 30)
            overview = session.get("/api/v1/overview")
        devices = overview["devices"]
        print(f"first value after {value_s:.1f} s; {devices['up']} of {devices['total']} devices answer, "
              f"{overview['series']} series")
        return station.stop()


def whole_room(session):
    overview = session.get("/api/v1/overview")
    return overview if overview["devices"]["unknown"] == 0 else None


def main():
    with tempfile.TemporaryDirectory() as folder:
        try:
            code = check(sys.argv[1:], Path(folder) / "console.log")
        except StationError as error:
            print(f"check failed: {error}", file=sys.stderr)
            return 1
    if code != 0:
        print(f"check failed: the station ended with exit code {code}", file=sys.stderr)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
