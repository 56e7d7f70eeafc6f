#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`outstation why` says the truth, in plain words, of a device with another passphrase, a silent one, a slow one and a hostile one;
that a device is polled less often is known still after polld was killed, and is told once and cleared once.

usage: why.py BIN_DIR
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kill_ledger import journal, kill_and_wait  # noqa: E402
from station import Station, free_port  # noqa: E402

LIMIT_S = 120  # for each step; a loaded machine is slow
SLOW_S = 120    # so long the slow device is slow
ROOM = f"""
devices:
  - {{id: good, address: 127.18.9.1, play: box.yaml}}
  - {{id: locked, address: 127.18.9.2, play: box.yaml}}
  - {{id: silent, address: 127.18.9.3, play: box.yaml, behaves: [silent]}}
  - {{id: slow, address: 127.18.9.4, play: box.yaml, behaves: [latency 550 ms until {SLOW_S} s]}}
  - {{id: mad, address: 127.18.9.5, play: box.yaml, behaves: [endless]}}
users:
  - {{name: reader, auth: sha256, auth_passphrase: what it really is, priv: aes128, priv_passphrase: and privacy}}
"""
BOX = """
system: {descr: box, object_id: 1.3.6.1.4.1.8072.3.2.10}
interfaces: [{name: "GE{}", count: 8, speed_mbps: 1000}]
"""
STATION = """
station: {name: why, zone: Asia/Shanghai}
polling: {interval: 5 s}
credentials:
  - {name: sim, protocol: snmp-v2c, community: {secret: sim}}
  - name: v3
    protocol: snmp-v3
    user: reader
    auth: {protocol: sha256, secret: auth}
    priv: {protocol: aes128, secret: priv}
devices:
"""
SECRETS = {"sim": "public", "auth": "what it is not", "priv": "and privacy"}
DEVICES = {"good": ("127.18.9.1", "sim"), "locked": ("127.18.9.2", "v3"), "silent": ("127.18.9.3", "sim"),
           "slow": ("127.18.9.4", "sim"), "mad": ("127.18.9.5", "sim, interval: 60 s")}  # time to read what does not end


def write_room(folder, state, port):
    (folder / "room.yaml").write_text(ROOM)
    (folder / "box.yaml").write_text(BOX)
    secrets = state / "confd/secrets"
    secrets.mkdir(parents=True, mode=0o700)
    for name, text in SECRETS.items():
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(text + "\n")
    lines = "".join(f"  - {{id: {name}, address: {address}, port: {port}, credential: {credential}}}\n"
                    for name, (address, credential) in DEVICES.items())
    (state / "confd/station.yaml").write_text(STATION + lines)


class Asker:
    """What the command and the API say of a device."""

    def __init__(self, bin_dir, state, station):
        self.command, self.station, self.session = [bin_dir / "outstation", "--state-dir", state], station, station.session()

    def run(self, *arguments):
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def says(self, device, *words):
        """Waits until `outstation why` has all the words, and gives what it says."""
        def look():
            text = self.run("why", device)
            return text if all(word in text for word in words) else None
        try:
            return self.station.wait_for(f"'{words}' of {device}", look, LIMIT_S)
        except Exception:
            print(self.run("why", device), file=sys.stderr)
            raise

    def api(self, device, metric=""):
        return self.session.get(f"/api/v1/devices/{device}/why" + (f"?metric={metric}" if metric else ""))


def check_good(asker):
    asker.says("good", "last answer   2", "last error    -", "every 5.0 s", "interfaces")
    text = asker.run("why", "good", "if_oper_status")
    assert "1.3.6.1.2.1.2.2.1.8.8" in text and "built-in" in text, text
    def is_told():  # not in the middle of a poll
        told = asker.api("good", "if_oper_status")
        reply, parts = told["request"]["reply"], {part["name"]: part for part in told["parts"]}
        cost = parts["interfaces"]
        return (len(told["sources"]) == 8 and told["last_error"] is None and told["learned"]["rtt_ms"] > 0 and
                reply and reply["error_status"] == 0 and
                cost["rows"] == 8 and cost["requests"] >= 1 and cost["bytes"] > 500)
    asker.station.wait_for("what is read of good", is_told, LIMIT_S)


def check_locked(asker):
    asker.says("locked", "last error    authentication: ", "passphrase or protocol of authentication differs")
    told = asker.api("locked")
    assert told["last_error"]["text"].startswith("authentication: "), told
    assert told["last_answer"] is None, "no poll of it had an answer that counts"


def check_silent(asker):
    text = asker.says("silent", "last answer   none since polld was started", "timeout: no answer to 3 requests",
                      "polls in a row", "its reply     none", "asked 2 times before")
    assert "every 10.0 s instead of 5.0 s" in text or "every 20.0 s instead of 5.0 s" in text, text
    told = asker.api("silent")
    assert told["failures"] >= 3 and told["request"]["reply"] is None, told


def check_mad(asker):
    asker.says("mad", "last error    endless: ", "a table of the device has no end")
    parts = {part["name"]: part for part in asker.api("mad")["parts"]}
    assert any(part["error"] == "endless" for part in parts.values()), parts
    assert parts["scalars"]["error"] is None, parts


def check_strain(bin_dir, state, asker):
    words = ("every 10.0 s instead of 5.0 s: strained, a poll took", "most of it for")
    asker.says("slow", *words[:1])
    kill_and_wait(bin_dir, state, "polld")
    asker.says("slow", *words[:1])
    asker.says("slow", *words)
    asker.station.wait_for("end of the strain", lambda: events(bin_dir, state, "slow")[-1:] == ["strain_over"], 3 * LIMIT_S)
    asker.says("slow", "every 5.0 s\n")
    told = events(bin_dir, state, "slow")
    assert told == ["under_strain", "strain_over"], told
    others = [name for name in DEVICES if name != "slow" and events(bin_dir, state, name)]
    assert not others, f"under strain, too: {others}"


def events(bin_dir, state, device):
    return [record["kind"] for record in journal(bin_dir, state, "state")
            if record.get("device") == device and record.get("kind") in ("under_strain", "strain_over")]


def main():
    bin_dir = Path(sys.argv[1]).absolute()
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
                asker = Asker(bin_dir, state, station)
                check_good(asker)
                check_strain(bin_dir, state, asker)  # at once: it ends by itself
                for check in (check_locked, check_silent, check_mad):
                    check(asker)
                unknown = subprocess.run([*asker.command, "why", "nobody"], capture_output=True, text=True, timeout=30)
                assert unknown.returncode != 0 and "nobody" in unknown.stderr, unknown
                print(json.dumps({"devices": len(DEVICES), "seconds": round(time.monotonic() - started)}))
                assert station.stop() == 0
        finally:
            simulator.terminate()
            simulator.wait()


if __name__ == "__main__":
    main()
