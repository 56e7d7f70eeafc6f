#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of each daemon in turn while the demonstration runs: it comes back by itself, nothing acknowledged is lost or doubled.

usage: kill_ledger.py BIN_DIR [KILLS]   (each kill is waited for 8 s at most)
"""
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Station, free_port  # noqa: E402

DAEMONS = ["stored", "polld", "confd", "authd", "alertd", "webd"]
PAUSES = random.Random(1)
BACK_GOAL_S = 2.0  # half of the kills at least; each one on a loaded machine:
BACK_LIMIT_S = 8.0


def status(bin_dir, state):
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, "--json", "status"], capture_output=True, text=True, timeout=30)
    return {daemon["name"]: daemon for daemon in json.loads(done.stdout)["daemons"]}


def kill_and_wait(bin_dir, state, name):
    """Seconds from the kill to the first answer of the daemon's successor."""
    before = status(bin_dir, state)[name]["pid"]
    os.kill(before, signal.SIGKILL)
    start = time.monotonic()
    while time.monotonic() - start < BACK_LIMIT_S:
        now = status(bin_dir, state)[name]
        if now["running"] and now["pid"] != before:
            return time.monotonic() - start
        time.sleep(0.05)
    sys.exit(f"{name} did not come back within {BACK_LIMIT_S} s")


def journal(bin_dir, state, stream):
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, "journal", "--stream", stream, "--count", "1000000"],
                          capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def numbers(records):
    """The sequence numbers that the lines stand for: a record's, or those of a stated gap (a write that the kill cut short)."""
    for record in records:
        gap = record.get("gap", {"sequence": record.get("sequence"), "count": 1})
        yield from range(gap["sequence"], gap["sequence"] + gap["count"])


def polld_faults(streams):
    """What is wrong with polld's own batches: no sequence twice or missing, no batch twice; and of its last start, which
    outlived stored, none missing.

    Of an earlier start the last batches may be missing: polld was killed, and stored too before its next flush. Nobody had
    acknowledged them.
    """
    faults, counters = [], {}
    for stream, records in streams.items():
        if any("damaged" in record for record in records):
            faults.append(f"{stream}: records that cannot be read")
        sequences = list(numbers(records))
        if sequences != list(range(1, len(sequences) + 1)):
            faults.append(f"{stream}: holes or doubles in the sequence")
        batches = {}
        for record in records:
            if record.get("daemon") == "polld":
                batches.setdefault((record["incarnation"], record["counter"]), []).append(record["sequence"])
        for key, at in batches.items():
            if at != list(range(at[0], at[0] + len(at))):
                faults.append(f"{stream}: batch {key} is there twice")
            counters.setdefault(key[0], set()).add(key[1])
    if len(counters) < 2:
        return faults + ["polld was killed: there must be more than one start of it"]
    last = counters[last_start(streams["samples"])]
    if last != set(range(1, max(last) + 1)):
        faults.append(f"polld's batches {sorted(set(range(1, max(last))) - last)} are missing")
    return faults


def last_start(samples):
    return next(record["incarnation"] for record in reversed(samples) if record.get("daemon") == "polld")


def renumbered(records):
    return [{**record, "sequence": at} for at, record in enumerate(records, 1)]


def prove_polld_check(streams):
    """The same records with a planted fault are found: a hole, a batch sent twice and kept twice, a batch that never came."""
    samples = streams["samples"]
    start = last_start(samples)
    own = [record for record in samples if record.get("daemon") == "polld" and record["incarnation"] == start]
    first = [record for record in own if record["counter"] == min(one["counter"] for one in own)]
    planted = {
        "a hole": samples[:3] + samples[4:],
        "a doubled batch": renumbered(samples + first),
        "a lost batch": renumbered([record for record in samples if record not in first]),
    }
    for what, records in planted.items():
        assert polld_faults({**streams, "samples": records}), f"{what} in polld's records is not found"


def prove_ledger_check(check, ledger):
    """The same store fails against a ledger that says more, less or something else than was acknowledged."""
    lines = ledger.read_text().splitlines()
    counter, sequence = next(line.split() for line in reversed(lines) if not line.endswith(" 0"))
    planted = {
        "lost 1": lines + ["999999999 1"],
        "phantom 1": [line for line in lines if line.split()[0] != counter],
        "lost 1,": [line for line in lines if line.split()[0] != counter] + [f"{counter} {int(sequence) + 1}"],
    }
    for what, text in planted.items():
        false_ledger = ledger.with_name("false-ledger")
        false_ledger.write_text("\n".join(text) + "\n")
        code, said = check(false_ledger)
        assert code != 0 and what in said, f"the check says {said!r} where it must say {what!r}"


def in_turns(kills):
    """The daemons to kill: each once in each round, in another order."""
    names = []
    while len(names) < kills:
        names += PAUSES.sample(DAEMONS, len(DAEMONS))
    return names[:kills]


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory() as folder:
        state, ledger = Path(folder) / "state", Path(folder) / "ledger"
        command = [ROOT / "scripts/run", "--no-setup", "--no-build", "--state", state, "--port", str(free_port())]
        with Station(command, Path(folder) / "console.log") as station:
            station.session().close()
            producer = subprocess.Popen([bin_dir / "ledger", "produce", state / "run", ledger, str(int(kills * 2 + 5))],
                                        stdout=subprocess.PIPE, text=True)
            times = {name: [] for name in DAEMONS}
            for name in in_turns(kills):
                times[name].append(kill_and_wait(bin_dir, state, name))
                time.sleep(PAUSES.uniform(0.1, 2.3))  # stored comes to a flush between some of its kills
            said, _ = producer.communicate(timeout=300 + kills)
            assert producer.returncode == 0, f"the producer could not deliver everything: {said}"
            def check(file):
                done = subprocess.run([bin_dir / "ledger", "check", state / "run", file], capture_output=True, text=True, timeout=60)
                return done.returncode, (done.stdout + done.stderr).strip()
            code, said = check(ledger)
            print(f"{kills} kills: {said}")
            numbers = dict(re.findall(r"(lost|doubled|phantom) (\d+)", said))
            print(json.dumps({"campaign": "R1", "fault": "kill -9 of a daemon", "trials": kills, "other": 0,
                              **{key: int(numbers.get(key, 0)) for key in ("lost", "doubled", "phantom")}}))
            if code != 0:
                shutil.copytree(state / "stored", ROOT / "build/logs/kill_ledger-stored", dirs_exist_ok=True)
            refused = [line for line in station.log.read_text().splitlines() if "SERIES_REFUSED" in line]
            assert not refused, f"values were left out: {refused[0]}"
            assert code == 0, f"{said}; the store is kept in build/logs/kill_ledger-stored"
            prove_ledger_check(check, ledger)
            time.sleep(12)  # polld's last batches become durable
            streams = {name: journal(bin_dir, state, name) for name in ("samples", "state")}
            faults = polld_faults(streams)
            assert not faults, faults
            prove_polld_check(streams)
            print(f"polld: {len(streams['samples'])} records of samples, none doubled, none of its last start lost; "
                  "planted faults are found")
            median = statistics.median(seconds for one in times.values() for seconds in one)
            assert median <= BACK_GOAL_S, f"half of the daemons took more than {BACK_GOAL_S} s to come back"
            print("back after: " + ", ".join(f"{name} {max(seconds):.2f} s" for name, seconds in times.items() if seconds))
            assert station.stop() == 0


if __name__ == "__main__":
    main()
