#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a station, waits until the API shows a measured value, tells how long that took, and stops it.

usage: check_station.py COMMAND ARGUMENT...   (exit code 0: a value came and the station stopped cleanly)
"""
import sys
import tempfile
import time
from pathlib import Path

from station import Station, StationError


def first_value(session):
    """The overview once a device has answered a poll and its values are in the store."""
    overview = session.get("/api/v1/overview")
    return overview if overview["devices"]["up"] > 0 and overview["series"] > 0 else None


def check(command, log):
    with Station(command, log) as station:
        session = station.session(limit_s=60)
        signed_in_s = time.monotonic() - station.started
        overview = station.wait_for("first value", lambda: first_value(session), 60)
        value_s = time.monotonic() - station.started
        # Every configured device gets its turn: wait for the rest of the room, but not for ever.
        try:
            overview = station.wait_for("whole room", lambda: whole_room(session), 30)
        except StationError:
            overview = session.get("/api/v1/overview")
        devices = overview["devices"]
        print(f"signed in after {signed_in_s:.1f} s, first value after {value_s:.1f} s; "
              f"{devices['up']} of {devices['total']} devices answer, {overview['series']} series")
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
