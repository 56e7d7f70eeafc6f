#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of alertd, of stored and of both at once while devices come and go: each step of an alarm is in the journal once,
and the alarms are the fold of it (oracle O4).

usage: kill_alarms.py BIN_DIR [KILLS]
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kill_ledger import BACK_LIMIT_S, journal, numbers, status  # noqa: E402
from station import Station, free_port  # noqa: E402

TURNS = [["alertd"], ["stored"], ["alertd", "stored"]]
FLAPPING_S = 120  # devices are away again and again, until then
SETTLED_S = 120  # and then everything is told within
LIVES_S = 4.2  # what lived longer is started again at once (the back-off of `outstation run`)
# Two that come and go, one that goes for good, one that stays.
AWAY = {"a": f"silent every 25 s for 11 s until {FLAPPING_S} s", "b": f"silent every 37 s for 17 s until {FLAPPING_S} s",
        "c": "silent from 40 s", "d": None}
ROOM = "devices:\n" + "".join(
    f"  - {{id: {name}, address: 127.18.7.{at}, play: box.yaml{f', behaves: [{away}]' if away else ''}}}\n"
    for at, (name, away) in enumerate(AWAY.items(), 1))
BOX = "system: {descr: box, object_id: 1.3.6.1.4.1.8072.3.2.10}\n"
STATION = """
station: {{name: alarms, zone: Asia/Shanghai}}
polling: {{interval: 5 s}}
credentials:
  - {{name: sim, protocol: snmp-v2c, community: {{secret: sim}}}}
devices:
"""


def write_room(folder, state, port):
    (folder / "room.yaml").write_text(ROOM)
    (folder / "box.yaml").write_text(BOX)
    secrets = state / "confd/secrets"
    secrets.mkdir(parents=True, mode=0o700)
    secret = secrets / "sim"
    secret.touch(mode=0o600)
    secret.write_text("public\n")
    devices = "".join(f"  - {{id: {name}, address: 127.18.7.{at}, port: {port}, credential: sim}}\n"
                      for at, name in enumerate(AWAY, 1))
    (state / "confd/station.yaml").write_text(STATION.format() + devices)


def kill_and_wait(bin_dir, state, names):
    before = {name: status(bin_dir, state)[name]["pid"] for name in names}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + BACK_LIMIT_S
    while time.monotonic() < deadline:
        now = status(bin_dir, state)
        if all(now[name]["running"] and now[name]["pid"] != pid for name, pid in before.items()):
            return
        time.sleep(0.05)
    sys.exit(f"{names} did not come back within {BACK_LIMIT_S} s")


def alarms(bin_dir, state):
    """What alertd says, or None while it does not follow the journal or a step is not on disk."""
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, "--json", "alarms", "--cleared"], capture_output=True,
                          text=True, timeout=30)
    if done.returncode != 0:
        return None
    rows = json.loads(done.stdout)["alarms"]
    return rows if all(row["recorded"] for row in rows) else None


def identity(step):
    return step["device"], step.get("component", ""), step["rule"]


def faults_of(states, rows):
    """What is wrong with the records of the state stream, and with alarms that should be the fold of them."""
    faults = []
    sequences = list(numbers(states))
    if sequences != list(range(1, len(sequences) + 1)):
        faults.append("holes or doubles in the sequence")
    steps = [record["alarm"] for record in states if "alarm" in record]
    revisions = [step["revision"] for step in steps]
    if revisions != list(range(1, len(steps) + 1)):
        faults.append(f"steps are lost or doubled: revisions {revisions}")
    fold, last_state = {}, {}
    for record in states:
        if record.get("kind") in ("device_up", "device_down"):
            last_state[record["device"]] = record["kind"]
        if step := record.get("alarm"):
            was_open = fold.get(identity(step), {"open": False})["open"]
            if step["step"] in ("raised", "reopened", "cleared") and was_open != (step["step"] == "cleared"):
                faults.append(f"{step['step']} of an alarm that is {'open' if was_open else 'not open'}: {identity(step)}")
            fold[identity(step)] = step
    told = {identity(row): {key: value for key, value in row.items() if key not in ("id", "recorded")} for row in rows}
    if told != fold:
        faults.append(f"alertd says {told}, the journal {fold}")
    down = {device for device, kind in last_state.items() if kind == "device_down"}
    if down != {device for (device, _, rule), step in fold.items() if rule == "device-down" and step["open"]}:
        faults.append(f"devices that are down ({down}) and open alarms are not the same")
    return faults


def prove_check(states, rows):
    """The same records with a planted fault are found."""
    at = max(index for index, record in enumerate(states) if "alarm" in record)
    steps_before = [record for record in states if "alarm" in record]
    planted = {
        "a lost step": ([record for record in states if record is not steps_before[0]], rows),
        "a doubled step": (states + [{**states[at], "sequence": states[-1]["sequence"] + 1}], rows),
        "an alarm too many": (states, rows + [{**rows[0], "device": "nobody"}]),
        "an alarm that should be over": (states, [{**row, "open": not row["open"]} for row in rows]),
    }
    for what, (records, said) in planted.items():
        assert faults_of(records, said), f"{what} is not found"


def settled(bin_dir, state):
    """The alarms, once the device that is gone for good has the only open one."""
    rows = alarms(bin_dir, state)
    return rows if rows and {row["device"] for row in rows if row["open"]} == {"c"} else None


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        state = folder / "state"
        write_room(folder, state, port)
        simulator = subprocess.Popen([bin_dir / "outstation-sim", "--room", folder / "room.yaml", "--port", str(port)],
                                     stdout=subprocess.PIPE, text=True)
        try:
            assert "playing" in simulator.stdout.readline()
            started = time.monotonic()
            command = [bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", str(free_port())]
            with Station(command, folder / "console.log") as station:
                station.console()
                killed = 0
                while killed < kills or time.monotonic() - started < FLAPPING_S:
                    kill_and_wait(bin_dir, state, TURNS[killed % len(TURNS)])
                    killed += 1
                    time.sleep(LIVES_S + (killed * 7 % 11) / 4)
                rows = station.wait_for("alarm of the device that is gone", lambda: settled(bin_dir, state), SETTLED_S)
                states = journal(bin_dir, state, "state")
                faults = faults_of(states, rows)
                assert not faults, "\n".join(faults)
                steps = sum("alarm" in record for record in states)
                assert steps >= 5, f"only {steps} steps: the devices did not come and go"
                prove_check(states, rows)
                print(f"{killed} kills: {steps} steps of {len(rows)} alarms, none lost, none doubled; alarms = fold of the "
                      "journal; planted faults are found")
                print(json.dumps({"campaign": "R1", "fault": "kill -9 of alertd and stored", "trials": killed, "lost": 0,
                                  "doubled": 0, "phantom": 0, "other": 0}))
                assert station.stop() == 0
        finally:
            simulator.terminate()
            simulator.wait()


if __name__ == "__main__":
    main()
