#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Care of the data on a station that runs: top, export, verify and backup while records come in; then the backup is restored
elsewhere, and what was acknowledged before it began is there, once.

usage: care.py BIN_DIR
"""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import Station, free_port  # noqa: E402

DEVICE = "ledger-device"
SECRET = "care-secret-3Vn8tLq2"


def start(bin_dir, state, log):
    station = Station([bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", free_port()], log)
    station.wait_for("all daemons", lambda: ask(bin_dir, state, "status").returncode == 0, 60)
    return station


def ask(bin_dir, state, *words, text=True, **more):
    return subprocess.run([bin_dir / "outstation", "--state-dir", state, *words], capture_output=True, text=text, timeout=120, **more)


def good(done, codes=(0,)):
    assert done.returncode in codes, (done.args, done.returncode, done.stdout, done.stderr)
    return done.stdout


def values(bin_dir, state):
    """What an export has of the producer's counter, as text."""
    out = good(ask(bin_dir, state, "export", "samples", DEVICE))
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert rows, out
    assert {row["metric"] for row in rows} == {"ledger_value"}
    return [int(row["value"]) for row in rows]


def samples(bin_dir, state):
    out = good(ask(bin_dir, state, "journal", "--stream", "samples", "--count", "1000000"))
    records = [json.loads(line) for line in out.splitlines()]
    assert not any("damaged" in record for record in records), records
    return records


def numbers(records):
    """Of each record the number and the epoch that gave it."""
    return {record["sequence"]: record["epoch"] for record in records if "sequence" in record}


def acknowledged(file):
    return [int(line.split()[0]) for line in file.read_text().splitlines()]


def names(state):
    return sorted(str(path.relative_to(state)) for path in state.rglob("*"))


def check_top(bin_dir, state):
    """Two looks, a second apart, at a station into which fifty records a second come."""
    top = json.loads(good(ask(bin_dir, state, "--json", "top", "--once", "--interval", "1s")))
    samples = next(stream for stream in top["streams"] if stream["stream"] == "samples")
    assert samples["accepted_per_s"] > 0, top
    assert samples["durable_per_s"] >= 0, top
    assert top["rates"]["outstation_store_values"] > 0, top
    assert len(top["daemons"]) == 7, top
    assert all(daemon["cpu_ratio"] >= 0 and daemon["rss_bytes"] > 0 for daemon in top["daemons"]), top
    text = good(ask(bin_dir, state, "top", "--once", "--interval", "100ms"))
    assert "\nsamples" in text and "\nstored" in text and "\x1b" not in text, text


def check_running(bin_dir, state, folder, noted):
    """Everything that looks, and a backup, while the producer goes on. Returns what was acknowledged before the backup."""
    check_top(bin_dir, state)
    before = names(state / "stored")
    good(ask(bin_dir, state, "verify"))
    assert names(state / "stored") == before
    known = acknowledged(noted)
    assert known, "nothing was acknowledged yet"
    seen = values(bin_dir, state)
    assert set(known) <= set(seen), "an export lacks what was acknowledged"
    assert len(seen) == len(set(seen))
    good(ask(bin_dir, state, "backup", folder / "room.backup", "--passphrase-file", folder / "phrase"))
    sealed = (folder / "room.backup").read_bytes()
    assert SECRET.encode() not in sealed and DEVICE.encode() not in sealed
    piped = ask(bin_dir, state, "backup", "-", "--passphrase-file", folder / "phrase", text=False)
    assert piped.returncode == 0 and piped.stdout.startswith(b"OSTNSEAL"), piped.stderr
    return known


def check_ends(state, report):
    """Nothing is damaged but what a power cut leaves, too: octets behind the last record of a stream's newest segment."""
    newest = {path.name.rsplit("-", 1)[0]: path.name for path in sorted((state / "stored/journal").glob("*.journal"))}
    ends = tuple(f"journal/{name}: octets behind the last record are none" for name in newest.values())
    for damage in report["damage"]:
        assert "{file}: {what}".format(**damage).startswith(ends), damage
    assert report["damaged"] == len(report["damage"]), report


def check_restored(bin_dir, folder, known, before):
    """`before`: numbers() of the station that the backup was made of, which went on."""
    restored = folder / "restored"
    wrong = folder / "wrong"
    wrong.write_text("not the phrase\n")
    wrong.chmod(0o600)
    refused = ask(bin_dir, restored, "restore", folder / "room.backup", "--passphrase-file", wrong)
    assert refused.returncode == 1 and not restored.exists(), refused
    good(ask(bin_dir, restored, "restore", folder / "room.backup", "--passphrase-file", folder / "phrase"))
    assert (restored / "stored/journal/new-epoch").exists()
    again = ask(bin_dir, restored, "restore", folder / "room.backup", "--passphrase-file", folder / "phrase")
    assert again.returncode == 2, again
    check_ends(restored, json.loads(good(ask(bin_dir, restored, "--json", "verify"), (0, 1))))
    with start(bin_dir, restored, folder / "restored.log") as station:
        assert not (restored / "stored/journal/new-epoch").exists()
        seen = values(bin_dir, restored)
        assert set(known) <= set(seen), f"lost: {sorted(set(known) - set(seen))[:5]}"
        assert len(seen) == len(set(seen)), "doubled"
        check_epoch(bin_dir, restored, folder, before)
        good(ask(bin_dir, restored, "verify"))
        everything = values(bin_dir, restored)
        epochs = set(numbers(samples(bin_dir, restored)).values())
        assert station.stop() == 0
    with start(bin_dir, restored, folder / "again.log") as station:
        assert set(numbers(samples(bin_dir, restored)).values()) == epochs, "another epoch began"
        assert values(bin_dir, restored) == everything
        assert station.stop() == 0
    return len(seen)


def check_epoch(bin_dir, restored, folder, before):
    """What the restored station records has numbers that the old one gave to other records, and another epoch."""
    produced = subprocess.run([bin_dir / "ledger", "produce", restored / "run", folder / "noted-again", "5"],
                              stdout=subprocess.DEVNULL, timeout=120)
    assert produced.returncode == 0
    epochs = set(before.values())
    old, new = {}, {}
    records = samples(bin_dir, restored)
    for sequence, epoch in numbers(records).items():
        (old if epoch in epochs else new)[sequence] = epoch
    assert old and old.items() <= before.items(), "a record of the backup has another identity"
    assert max(old) < min(new) and len(set(new.values())) == 1, new
    # A gap is what the end of the backup may be: a write that was under way.
    assert new.keys() & before.keys() or any("gap" in record for record in records), "no number was given by both"


def main():
    bin_dir = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "phrase").write_text("a long sentence that nobody guesses\n")
        (folder / "phrase").chmod(0o600)
        state, noted = folder / "state", folder / "noted"
        os.umask(0o077)
        (state / "confd").mkdir(parents=True)
        (state / "confd/station.yaml").write_text("store: {flush_interval: 1 s}\n")
        with start(bin_dir, state, folder / "console.log") as station:
            good(ask(bin_dir, state, "secret", "set", "room", input=SECRET + "\n"))
            producer = subprocess.Popen([bin_dir / "ledger", "produce", state / "run", noted, "20"], stdout=subprocess.DEVNULL)
            try:
                station.wait_for("an acknowledgement", lambda: noted.exists() and acknowledged(noted), 60)
                known = check_running(bin_dir, state, folder, noted)
                assert producer.wait(120) == 0
            finally:
                producer.kill()
                producer.wait()
            assert len(values(bin_dir, state)) >= len(acknowledged(noted))
            before = numbers(samples(bin_dir, state))
            assert station.stop() == 0
        good(ask(bin_dir, state, "verify"))
        kept = check_restored(bin_dir, folder, known, before)
        print(f"{len(known)} records acknowledged before the backup, {kept} in the restored station, none doubled")


if __name__ == "__main__":
    main()
