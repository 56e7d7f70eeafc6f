#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block-level power cuts: records every write and flush of a file system, replays it to random points, checks.

The store writes to ext4 on a loop device over an image that qemu-storage-daemon exports and logs (blklogwrites).
At a power cut everything up to the last flush is on the device; of the later writes a random part is, whole or torn.
"""
import argparse
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

IMAGE_MIB = 48
FILE_SYSTEM_MIB = 44
NOTE_OFFSET = 46 << 20  # acknowledgements stand behind the file system
LOG_MIB = 768
FLUSH, FUA, DISCARD = 1, 2, 4
SEED = 20260101


def run(*command, **options):
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")


class Recording:
    """A file system image whose block writes are logged while the store writes to it."""

    def __init__(self, folder, program, mode):
        self.folder, self.program, self.mode = folder, program, mode
        self.base = os.path.join(folder, "base.img")
        self.log = os.path.join(folder, "log.img")
        self.disk = os.path.join(folder, "disk.img")
        self.export = os.path.join(folder, "export.raw")
        self.mountpoint = os.path.join(folder, "mnt")

    def make(self):
        os.makedirs(self.mountpoint)
        for path, mib in ((self.base, IMAGE_MIB), (self.log, LOG_MIB)):
            with open(path, "wb") as file:
                file.truncate(mib << 20)
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", self.base, f"{FILE_SYSTEM_MIB}M")
        shutil.copyfile(self.base, self.disk)
        open(self.export, "wb").close()
        self.daemon = subprocess.Popen(
            ["qemu-storage-daemon",
             "--blockdev", f"driver=file,node-name=disk,filename={self.disk}",
             "--blockdev", f"driver=file,node-name=log,filename={self.log}",
             "--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512",
             "--export", f"type=fuse,id=export,node-name=logged,mountpoint={self.export},writable=on"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            self.wait_for_export()
            loop = subprocess.run(["losetup", "--show", "-f", self.export], check=True, capture_output=True,
                                  text=True)
            self.write_on(loop.stdout.strip())
        finally:
            self.daemon.send_signal(signal.SIGTERM)
            self.daemon.wait(timeout=30)
        return self.entries()

    def wait_for_export(self):
        for _ in range(200):
            if os.path.getsize(self.export) == IMAGE_MIB << 20:
                return
            if self.daemon.poll() is not None:
                raise RuntimeError(self.daemon.stderr.read().decode())
            time.sleep(0.05)
        raise RuntimeError("the image was not exported in 10 s")

    def write_on(self, loop):
        try:
            run("mount", loop, self.mountpoint)
            try:
                run(self.program, self.mode, os.path.join(self.mountpoint, "journal"), loop, str(NOTE_OFFSET),
                    timeout=60)
            finally:
                run("umount", self.mountpoint)
        finally:
            run("losetup", "-d", loop)

    def entries(self):
        """[(offset on the device, bytes, flags)] in the order in which the device saw them."""
        out = []
        with open(self.log, "rb") as log:
            _, _, count, sector = struct.unpack("<QQQI", log.read(28))
            at = sector
            for _ in range(count):
                log.seek(at)
                first, sectors, flags, _ = struct.unpack("<QQQQ", log.read(32))
                at += sector
                if flags & DISCARD:
                    continue
                log.seek(at)
                out.append((first * sector, log.read(sectors * sector), flags))
                at += sectors * sector
        return out


def torn(data, granule, rng):
    """Parts of one write that reached the device: [(offset in the write, bytes)]."""
    return [(i, data[i:i + granule]) for i in range(0, len(data), granule) if rng.random() < 0.5]


def apply_cut(image, entries, cut, rng):
    """Writes into `image` what a device could hold when power is lost after entry `cut`; returns the notes."""
    last_flush = max((i for i in range(cut + 1) if entries[i][2] & FLUSH), default=-1)
    acknowledged = (0, 0)
    with open(image, "r+b") as file:
        for i, (offset, data, flags) in enumerate(entries[:cut + 1]):
            if offset == NOTE_OFFSET and data:
                acknowledged = struct.unpack("<QQ", data[:16])
                continue
            fate = 0 if i <= last_flush or flags & FUA else rng.randrange(4)
            if fate == 1:
                continue
            parts = [(0, data)] if fate in (0, 2) else torn(data, rng.choice((512, 4096)), rng)
            for start, part in parts:
                file.seek(offset + start)
                file.write(part)
    return acknowledged


def mount_after_cut(image, mountpoint):
    """Mounts as a box does when it starts: a torn superblock is repaired first. The store gets no such help."""
    mount = ["mount", "-o", "loop", image, mountpoint]
    if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run(["e2fsck", "-fy", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        run(*mount)


def check_cut(recording, entries, cut, rng):
    image = os.path.join(recording.folder, "cut.img")
    run("cp", "--sparse=always", recording.base, image)
    samples, states = apply_cut(image, entries, cut, rng)
    mount_after_cut(image, recording.mountpoint)
    try:
        result = subprocess.run(
            [recording.program, "check", os.path.join(recording.mountpoint, "journal"), str(samples), str(states)], capture_output=True, text=True, timeout=60, check=False)
    finally:
        run("umount", recording.mountpoint)
    return result.returncode, samples, (result.stdout + result.stderr).strip()


def campaign(folder, program, mode, points, rng):
    recording = Recording(folder, program, mode)
    entries = recording.make()
    flushes = sum(1 for _, _, flags in entries if flags & FLUSH)
    failures = []
    acknowledged = 0
    for _ in range(points):
        cut = rng.randrange(len(entries))
        code, samples, text = check_cut(recording, entries, cut, rng)
        acknowledged += samples
        if code != 0:
            failures.append(f"cut after write {cut} ({samples} batches acknowledged): {text}")
    print(f"{mode}: {len(entries)} writes, {flushes} flushes, {points} power cuts, "
          f"{acknowledged // points} batches acknowledged on average, {len(failures)} stores wrong")
    return failures


def counted(failures, points):
    """The line for scripts/campaign: sums of what the checker printed of each store that was wrong."""
    row = {"campaign": "R4", "fault": "power cut, block level", "trials": points,
           "lost": 0, "doubled": 0, "phantom": 0, "other": 0}
    for failure in failures:
        numbers = re.search(r": (\d+) (\d+) (\d+) (\d+) ", failure)
        for key, value in zip(("lost", "doubled", "phantom", "other"), numbers.groups() if numbers else (0, 0, 0, 1)):
            row[key] += int(value)
    return json.dumps(row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="powercut_store")
    parser.add_argument("points", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    started = time.monotonic()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="outstation-powercut-") as folder:
        failures = campaign(os.path.join(folder, "real"), arguments.program, "write", arguments.points, rng)
        failed += len(failures)
        passed += arguments.points - len(failures)
        for line in failures:
            print(f"FAILED: {line} (lost doubled phantom other)")
        control_points = max(10, arguments.points // 2)
        caught = campaign(os.path.join(folder, "control"), arguments.program, "write-unsynced", control_points, rng)
        if caught:
            passed += 1
            print(f"the control was caught, as it must be; first: {caught[0]} (lost doubled phantom other)")
        else:
            failed += 1
            print("FAILED: the control without fdatasync was not caught: this rig proves nothing")
        print(counted(failures, arguments.points))
    print(f"{time.monotonic() - started:.0f} s, seed {arguments.seed}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
