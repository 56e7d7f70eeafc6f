#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flood of samples against stored with a cap on its memory (R19). Within the cap of its unit the flood is turned away and
stored lives; with a smaller one it ends and is started again, until it gets more. What it acknowledged is there, once.

usage: memory_cap.py BIN_DIR [SECONDS]   (of flood under each cap, at least)
"""
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "daemons/stored/outstation-stored.service"
UNIT_MIB = int(re.search(r"^MemoryMax=(\d+)M$", UNIT.read_text(), re.MULTILINE).group(1))
LIMIT_S = 120  # for each step; a loaded machine is slow


class Skipped(Exception):
    """The machine lacks what the trial needs."""


class Group:
    """A memory cgroup, of either version: who needs more than its limit is killed."""

    def __init__(self, mib):
        first, second = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
        parent, limit = (first, "memory.limit_in_bytes") if first.is_dir() else (second, "memory.max")
        self.path = parent / f"outstation-memory-cap-{os.getpid()}"
        try:
            self.path.mkdir()
            (self.path / limit).write_text(str(mib << 20))
        except OSError as error:
            raise Skipped(f"no memory cgroup can be made here: {error}") from error

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def close(self):
        self.path.rmdir()


class Limit:
    """RLIMIT_DATA: an allocation beyond it fails."""

    def __init__(self, mib):
        self.octets = mib << 20

    def enter(self):
        resource.setrlimit(resource.RLIMIT_DATA, (self.octets, self.octets))

    def close(self):
        pass


class Supervised:
    """stored, started again whenever it ends, until stop(); each start is under `cap`."""

    def __init__(self, bin_dir, folder, cap):
        self.command = [bin_dir / "outstation-stored", "--state-dir", folder / "state", "--run-dir", folder / "run"]
        self.log, self.cap, self.stopping, self.ends = folder / "stored.log", cap, False, []
        self.process = self.start()
        self.thread = threading.Thread(target=self.keep)
        self.thread.start()

    def start(self):
        with open(self.log, "ab") as log:
            return subprocess.Popen(self.command, stdout=log, stderr=log, preexec_fn=self.cap.enter)

    def keep(self):
        while True:
            self.ends.append(self.process.wait())
            if self.stopping:
                return
            time.sleep(0.1)
            self.process = self.start()

    def start_under(self, cap):
        self.cap = cap
        self.process.kill()

    def stop(self):
        self.stopping = True
        self.process.terminate()
        self.thread.join(LIMIT_S)
        return self.ends[-1]


def flood(bin_dir, folder, stored, seconds, too_small):
    """How stored ended under its cap; then it has enough, and the producer gets rid of everything."""
    command = [bin_dir / "ledger", "flood", folder / "run", folder / "ledger", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as producer:
        try:
            time.sleep(seconds)
            end = time.monotonic() + LIMIT_S
            while too_small and not stored.ends and time.monotonic() < end:
                time.sleep(0.05)
            ends = list(stored.ends)
            if too_small:
                stored.start_under(Limit(4 * UNIT_MIB))
            producer.terminate()
            said, _ = producer.communicate(timeout=LIMIT_S)
            assert producer.returncode == 0, f"the producer could not deliver everything: {said}"
        finally:
            producer.kill()
    return ends


def trial(bin_dir, cap, seconds, too_small):
    """(how often stored ended under the cap, what the check says)"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state").mkdir()
        (folder / "run").mkdir()
        stored = Supervised(bin_dir, folder, cap)
        try:
            ends = flood(bin_dir, folder, stored, seconds, too_small)
            check = subprocess.run([bin_dir / "ledger", "check", folder / "run", folder / "ledger"], capture_output=True,
                                   text=True, timeout=LIMIT_S)
        finally:
            last = stored.stop()
            cap.close()
        said = (check.stdout + check.stderr).strip()
        log = stored.log.read_text()[-2000:]
        assert check.returncode == 0, f"{said}\n{log}"
        assert last == 0, f"stored ended with {last} when it was asked to:\n{log}"
        assert all(code in (-signal.SIGKILL, -signal.SIGABRT) for code in ends), f"{ends}\n{log}"
        assert bool(ends) == too_small, f"stored ended {len(ends)} times under its cap:\n{log}"
        return len(ends), said


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for what, make, mib, too_small in (
            ("the unit's memory", Group, UNIT_MIB, False),
            ("a killer of what grows", Group, UNIT_MIB // 8, True),
            ("allocations that fail", Limit, UNIT_MIB // 4, True)):
        try:
            ends, said = trial(bin_dir, make(mib), seconds, too_small)
        except Skipped as reason:
            print(f"skipped: {what}, {mib} MiB: {reason}")
            continue
        print(f"{what}, {mib} MiB: ended {ends} times; {said}")
        numbers = dict(re.findall(r"(lost|doubled|phantom) (\d+)", said))
        print(json.dumps({"campaign": "R19", "fault": what, "trials": max(ends, 1), "other": 0,
                          **{key: int(numbers[key]) for key in ("lost", "doubled", "phantom")}}), flush=True)


if __name__ == "__main__":
    main()
