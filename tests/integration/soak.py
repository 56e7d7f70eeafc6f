#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of simulated devices, half of them by SNMPv3, that lose datagrams, restart and are away, polled by a whole station
whose stored and, at first, polld are killed: every poll that was due is a value, an error or a gap that is explained, none is
there twice, and polld keeps its memory and its descriptors.

usage: soak.py BIN_DIR MINUTES [DEVICES]
"""
import csv
import datetime
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import Station, free_port  # noqa: E402

GROUPS = 8  # of devices that restart together
MOST_GROWTH_KIB = 1024
SECOND_LOOK_S = (0.1, 0.7)  # after the end of the first: 200 ms (daemons/polld/poller.cpp), on a machine that has other work
FLUSH_S = 10  # what is younger may be lost with a polld that is killed
SECRETS = {"community": "soak-community", "auth": "only for the soak", "priv": "of devices that are not there"}
RECORDING = """1.3.6.1.2.1.1.1.0|4|a small switch
1.3.6.1.2.1.1.3.0|67|5000
1.3.6.1.2.1.1.5.0|4|soak
1.3.6.1.2.1.2.2.1.1.1|2|1
1.3.6.1.2.1.2.2.1.2.1|4|port1
1.3.6.1.2.1.2.2.1.8.1|2|1
1.3.6.1.2.1.2.2.1.14.1|65|7
1.3.6.1.2.1.31.1.1.1.1.1|4|port1
1.3.6.1.2.1.31.1.1.1.6.1|70|1000
1.3.6.1.2.1.31.1.1.1.10.1|70|2000
1.3.6.1.2.1.25.3.3.1.2.1|2|30
"""


class Room:
    """What is simulated, and the station's configuration for it."""

    def __init__(self, folder, bin_dir, devices, interval_s, chance):
        self.ids, rooms, stations, port = [], [], [], free_port()
        size = devices // GROUPS
        for group in range(GROUPS):
            turns = chance.sample(range(6, 30), 3)
            behaves = [f"loss {chance.randint(1, 3)} %", "counters", f"restart 5 s every {turns[0] * interval_s} s",
                       f"silent from {turns[1] * interval_s // 2} s every {turns[2] * interval_s} s for {3 * interval_s} s"]
            rooms.append(f"  - {{id: g{group}, address: 127.{31 + group}.0.1, count: {size}, play: switch.snmprec, "
                         f"behaves: [{', '.join(behaves)}]}}")
            for n in range(size):
                self.ids.append(f"g{group}-{n + 1:05}")
                address = f"127.{31 + group}.{(n + 1) // 256}.{(n + 1) % 256}"
                stations.append(f"  - {{id: {self.ids[-1]}, address: {address}, port: {port}, credential: v{group % 2 + 2}}}")
        room, secrets = folder / "room", folder / "confd/secrets"
        for one in (room, secrets):
            one.mkdir(parents=True, mode=0o700)
        for name, text in SECRETS.items():
            (secrets / name).write_text(text)
        (room / "community").write_text(SECRETS["community"] + "\n")
        (room / "switch.snmprec").write_text(RECORDING)
        user = f"auth: sha256, auth_passphrase: {SECRETS['auth']}, priv: aes128, priv_passphrase: {SECRETS['priv']}"
        (room / "room.yaml").write_text("\n".join(["devices:", *rooms, "users:", f"  - {{name: soak, {user}}}", ""]))
        command = [bin_dir / "outstation-sim", "--room", room / "room.yaml", "--port", port, "--community-file", room / "community"]
        words = ", ".join(json.dumps(str(part)) for part in command)
        (room / "with.yaml").write_text(f"processes:\n  - name: room\n    command: [{words}]\n")
        (folder / "confd/station.yaml").write_text("\n".join([
            "station: {name: soak, site: [here], zone: UTC}", f"polling: {{interval: {interval_s} s}}", "credentials:",
            "  - {name: v2, protocol: snmp-v2c, community: {secret: community}}",
            "  - {name: v3, protocol: snmp-v3, user: soak, auth: {protocol: sha256, secret: auth}, "
            "priv: {protocol: aes128, secret: priv}}", "devices:", *stations, ""]))


class Outstation:
    """The console of the station."""

    def __init__(self, bin_dir, state):
        self.command = [bin_dir / "outstation", "--state-dir", state]

    def pids(self):
        done = subprocess.run([*self.command, "--json", "status"], capture_output=True, text=True, timeout=60)
        return {one["name"]: one["pid"] for one in json.loads(done.stdout or '{"daemons":[]}')["daemons"] if one["running"]}

    def rows(self, *what):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.csv"
            done = subprocess.run([*self.command, "export", *what, "--output", file], capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                sys.exit(f"export {' '.join(what)}: {done.stderr}")
            with file.open(newline="", encoding="utf-8") as text:
                yield from csv.DictReader(text)


def seconds(text):
    """Of the wall clock, from 2026-11-21T10:00:00.123456789Z."""
    whole, _, part = text.rstrip("Z").partition(".")
    stamp = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return stamp + float("0." + (part or "0"))


def footprint(pid):
    """Resident KiB; descriptors and threads."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")) + int(status["Threads"])


def torment(outstation, minutes, chance):
    """Kills polld once, at a quarter, and stored again and again. When polld began, when it was killed, and what it took since."""
    start = time.monotonic()
    end, polld_dies = start + minutes * 60, start + minutes * 15
    next_kill = start + chance.uniform(10, 30)
    killed_at, footprints, polld = None, [], outstation.pids()["polld"]
    while (now := time.monotonic()) < end:
        if killed_at is None and now >= polld_dies:
            killed_at = time.time()
            os.kill(polld, signal.SIGKILL)
            while (again := outstation.pids().get("polld", polld)) == polld:
                time.sleep(0.2)
            polld = again
        elif now >= next_kill and now < end - 30 and not 0 < polld_dies - now < 2 * FLUSH_S:
            # Not just before polld dies or the end comes: what it has to send again must have the time.
            next_kill = now + chance.uniform(10, 60)
            if stored := outstation.pids().get("stored"):
                os.kill(stored, signal.SIGKILL)
        elif killed_at is not None and now > polld_dies + minutes * 10:
            footprints.append(footprint(polld))
        time.sleep(1)
    return killed_at, footprints


class Raster:
    """When polld asks a device (daemons/polld/schedule.cpp): phases are a hash of the name, on the monotonic clock."""

    def __init__(self, interval_s):
        self.interval, self.offset = interval_s, time.time() - time.monotonic()

    def phase(self, device):
        value = 0xcbf29ce484222325
        for byte in device.encode():
            value = ((value ^ byte) * 0x100000001b3) % 2**64
        return (value ^ value >> 29) % (self.interval * 10**9) / 1e9

    def turn(self, device, wall_s):
        """The number of the turn that began last at that time; 5 ms for what the two clocks differ."""
        return int((wall_s - self.offset + 0.005 - self.phase(device)) // self.interval)


def backed_off(failures):
    return 1 if failures < 3 else 2 if failures < 6 else 4


class Poll(NamedTuple):
    turn: int  # in which it began
    busy: int  # so many turns came while it was under way: polld leaves them out
    answered: bool
    is_second_look: bool  # off the raster: polld knows now what the device is, and asks for what it has


def account_life(polls, end, most_lost, strained):
    """Of a device in one life of polld, until a turn: its polls, the first of which is off the raster."""
    out, failures, before = Counter({"first looks": 1}), 0, None
    for poll in polls:
        if before is not None:
            missing = poll.turn - before.turn - 1
            lost = 0 if strained else max(0, missing - max(before.busy, backed_off(failures) - 1))
            is_extra = missing < 0 and poll.is_second_look
            out["second looks"] += is_extra
            out["doubled"] += missing < 0 and not is_extra
            out["lost"] += lost
            out["gaps"] += max(0, missing) - lost
            out["values" if poll.answered else "errors"] += missing >= 0
        failures = 0 if poll.answered else failures + 1
        before = poll
    missing = end - before.turn
    lost = 0 if strained else max(0, missing - max(before.busy, backed_off(failures) - 1) - most_lost)
    out.update({"gaps": missing - lost, "lost": lost, "turns": end - polls[0].turn})
    return out


def polls_of(its, device, raster):
    """Of one life, from (begun, took, answered) in the order of time."""
    out, ended = [], None
    for begun, took, answered in its:
        turn = raster.turn(device, begun)
        is_second_look = ended is not None and out[-1].answered and SECOND_LOOK_S[0] < begun - ended < SECOND_LOOK_S[1]
        out.append(Poll(turn, raster.turn(device, begun + took) - turn, answered, is_second_look))
        ended = begun + took
    return out


def account(outstation, ids, raster, killed_at, until):
    """Every turn of every device between its first look and the end."""
    took = {(row["device"], row["time"]): float(row["value"]) for row in outstation.rows("samples", "--metric",
                                                                                       "poll_duration_seconds")}
    polls, seen, total = defaultdict(list), set(), Counter()
    for row in outstation.rows("samples", "--metric", "up"):
        key = (row["device"], row["time"])
        total["doubled"] += key in seen
        seen.add(key)
        if key not in took:
            total["phantom"] += 1
            continue
        polls[row["device"]].append((seconds(row["time"]) - took[key], took[key], float(row["value"]) > 0))
    strained = {row["device"] for row in outstation.rows("events") if row["kind"] == "under_strain"}
    for device in ids:
        for alive in (lambda t: t < killed_at, lambda t: t >= killed_at):
            its = sorted(one for one in polls[device] if alive(one[0]))
            if not its:
                total["silent lives"] += 1
                continue
            is_first = its[0][0] < killed_at
            end = raster.turn(device, killed_at if is_first else until)
            its = [one for one in polls_of(its, device, raster) if one.turn <= end]
            total += account_life(its, end, 2 + FLUSH_S // raster.interval if is_first else 0, device in strained)
    return total


def prove(raster):
    """Planted faults are found."""
    def polls(*turns, answered=True):
        return [Poll(turn, 0, answered, False) for turn in turns]
    steady = polls(*range(10))
    second_look, overrun = Poll(3, 0, True, True), Poll(3, 1, True, False)
    planted = [("lost", 1, steady[:4] + steady[5:]), ("doubled", 1, steady[:4] + steady[3:]),
               ("gaps", 6, polls(0, 1, 2, 4, 6, 8, 12, answered=False)), ("gaps", 1, [*steady[:3], overrun, *steady[5:]]),
               ("second looks", 1, [*steady[:4], second_look, *steady[4:]]), ("lost", 1, [*steady[:3], overrun, *steady[6:]])]
    sound = account_life(steady, 9, 0, False)
    for what, count, its in planted:
        out = account_life(its, its[-1].turn, 0, False)
        assert out[what] == count and sound[what] == 0, (what, out, sound)
        assert out["turns"] == out["values"] + out["errors"] + out["gaps"] + out["lost"], out
    assert account_life(steady, 12, 0, False)["lost"] == 3 and account_life(steady, 12, 2, False)["lost"] == 1
    assert raster.phase("a") != raster.phase("b") and 0 <= raster.phase("a") < raster.interval
    due = raster.offset + raster.phase("a") + 7 * raster.interval
    looks = polls_of([(due + 0.001, 0.1, True), (due + 0.301, 0.1, True), (due + 0.601, raster.interval, True)], "a", raster)
    assert [(one.turn, one.busy, one.is_second_look) for one in looks] == [(7, 0, False), (7, 0, True), (7, 1, True)], looks


def growth(footprints):
    """From the first to the last third: KiB; descriptors and threads."""
    third = len(footprints) // 3
    before, after = footprints[:third], footprints[-third:]
    kib = statistics.median(one[0] for one in after) - statistics.median(one[0] for one in before)
    return kib, max(one[1] for one in after) - max(one[1] for one in before)


def main():
    bin_dir, minutes = Path(sys.argv[1]).absolute(), float(sys.argv[2])
    devices = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    interval_s = 10 if minutes < 10 else 30
    seed = int(os.environ.get("OUTSTATION_CAMPAIGN_SEEDS", "1"))
    chance = random.Random(seed)
    prove(Raster(interval_s))
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        room = Room(folder, bin_dir, devices, interval_s, chance)
        command = [bin_dir / "outstation", "run", "--state", folder, "--bin", bin_dir, "--port", free_port(), "--with",
                   folder / "room/with.yaml"]
        with Station(command, folder / "console.log") as station:
            station.console()
            outstation, raster = Outstation(bin_dir, folder), Raster(interval_s)
            killed_at, footprints = torment(outstation, minutes, chance)
            until = time.time() - interval_s
            time.sleep(2 * FLUSH_S)
            total = account(outstation, room.ids, raster, killed_at, until)
            assert station.stop() == 0
    kib, descriptors = growth(footprints)
    is_leaking = kib > MOST_GROWTH_KIB or descriptors > 0
    is_exact = total["turns"] == total["values"] + total["errors"] + total["gaps"] + total["lost"]
    print(f"{len(room.ids)} devices each {interval_s} s, {minutes:g} min: {total['turns']} turns = {total['values']} values + "
          f"{total['errors']} errors + {total['gaps']} gaps + {total['lost']} lost; {total['first looks']} first and "
          f"{total['second looks']} second looks; polld "
          f"{footprints[-1][0]} KiB, {kib:+.0f} KiB and {descriptors:+} descriptors and threads from its first third to its last")
    print(json.dumps({"campaign": "soak", "fault": "loss, restarts, kills", "trials": total["turns"], "lost": total["lost"],
                      "doubled": total["doubled"], "phantom": total["phantom"],
                      "other": int(is_leaking) + int(not is_exact) + total["silent lives"]}))
    faults = total["lost"] + total["doubled"] + total["phantom"] + total["silent lives"]
    sys.exit(0 if is_exact and not is_leaking and faults == 0 else 1)


if __name__ == "__main__":
    main()
