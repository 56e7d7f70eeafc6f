#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a station with secrets that occur nowhere else, and looks for them wherever they must not be.

usage: canaries.py BIN_DIR

Looked through: the log, every file of the state directory, the arguments and environments of the station's processes, every
answer of the API, and what each daemon says on its control socket. A device of ours has to receive the community, so that
the canary is known to be in use; and the search has to find canaries that are planted, so that it is known to be able to.
"""
import base64
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from station import ROOT, Session, Station, StationError, free_port  # noqa: E402

COMMUNITY = "canary-community-7Qx2vLr9TzKe"
UNUSED = "canary-unused-5Wm8pHs3NbYc"
PLAIN = "canary-plain-4Rt6kJd1GfXa"
AUTH = "canary-auth-8Lw5nDy2QfRs"
PRIV = "canary-priv-3Hj9vMt6CxZe"
PASSWORD = "canary-password-9Zu3cVb7MqPo"
DAEMONS = ["stored", "confd", "authd", "probed", "polld", "alertd", "webd"]
STATION = """
station: {{name: canaries, zone: Asia/Shanghai}}
polling: {{interval: 5 s}}
credentials:
  - {{name: used, protocol: snmp-v2c, community: {{secret: used}}}}
  - {{name: unused, protocol: snmp-v2c, community: {{secret: unused}}}}
  - {{name: plain, protocol: snmp-v2c, community: {{secret: plain}}}}
  - name: user
    protocol: snmp-v3
    user: canary
    auth: {{protocol: sha256, secret: auth}}
    priv: {{protocol: aes128, secret: priv}}
devices:
  - {{id: decoy, address: 127.0.0.1, port: {used}, credential: used}}
  - {{id: older, address: 127.0.0.1, port: {plain}, credential: plain}}
  - {{id: by-user, address: 127.0.0.1, port: {by_user}, credential: user}}
"""


class Traces:
    """What a secret may look like: as it is, in hexadecimal, in base64 at any of the three alignments, in UTF-16."""

    def __init__(self):
        self.patterns = {}

    def add(self, name, secret):
        raw = secret.encode()
        forms = [raw, raw.hex().encode(), raw.hex().upper().encode(), secret.encode("utf-16-le")]
        for shift in range(3):
            # Without the characters at both ends, which depend on the neighbours.
            whole = base64.b64encode(b"\0" * shift + raw)
            middle = whole[4 if shift else 0:len(whole) - 4]
            forms += [middle, middle.replace(b"+", b"-").replace(b"/", b"_")]
        self.patterns[name] = forms

    def found(self, places):
        """(place, name of the secret) of every occurrence."""
        return [(place, name) for place, data in places for name, forms in self.patterns.items()
                if any(form in data for form in forms)]


class Decoy:
    """A device that never answers, and keeps what it was sent."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.heard = b""

    def listen(self):
        try:
            while True:
                self.heard += self.socket.recv(65536)
        except BlockingIOError:
            return self.heard


def outstation(bin_dir, state, *arguments, secret=None):
    done = subprocess.run([bin_dir / "outstation", "--state-dir", state, *arguments], capture_output=True, text=True,
                          input=None if secret is None else secret + "\n", timeout=30)
    return done


def console(bin_dir, state, *arguments, secret=None):
    done = outstation(bin_dir, state, *arguments, secret=secret)
    if done.returncode != 0:
        raise StationError(f"outstation {' '.join(arguments)}: {done.returncode} {done.stderr}")
    return done.stdout


def files_below(folder):
    for path in sorted(folder.rglob("*")):
        yield f"name of {path.relative_to(folder)}", str(path.relative_to(folder)).encode()
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(folder)), path.read_bytes()


def family_of(pid):
    """The process and all that it has started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has just ended
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def processes(pid):
    """Arguments and environments. A hardened daemon's environment is readable by root only."""
    for member in sorted(family_of(pid)):
        for name in ("cmdline", "environ"):
            try:
                yield f"/proc/{member}/{name}", Path(f"/proc/{member}/{name}").read_bytes()
            except PermissionError:
                if name == "cmdline":
                    raise


# What some routes must be asked.
QUERIES = {
    "/range": "?series=1&from=1000&to=2000",
    "/search": "?q=decoy",
    "/states/history": "?component=&attribute=state",
}


def api_answers(session):
    """Every GET of the contract, with the ids that this station has."""
    contract = (ROOT / "docs/api/openapi.yaml").read_text()
    paths = re.findall(r"^  (/\S+):$", contract, re.MULTILINE)
    assert len(paths) >= 12, paths
    for path in paths:
        for device in ("decoy", "older") if "{id}" in path else ("",):
            asked = path.replace("{id}", device)
            query = next((words for end, words in QUERIES.items() if path.endswith(end)), "")
            status, text = session.request("GET", asked + query)
            is_closed = status == 403 and path.startswith("/api/v1/workbench/")  # to tokens
            if status not in (200, 404, 405) and not is_closed:
                raise StationError(f"GET {asked}: {status} {text[:200]!r}")
            if status == 200:
                yield f"GET {asked}", text


def control_answers(bin_dir, state):
    for arguments in (["status"], ["devices"], ["show", "decoy"], ["token", "list"], ["journal", "--stream", "state"],
                      ["journal", "--stream", "samples"]):
        done = outstation(bin_dir, state, "--json", *arguments)
        yield "outstation " + " ".join(arguments), (done.stdout + done.stderr).encode()
    for name in DAEMONS:
        yield f"{name}.sock", raw_answers(state / "run" / f"{name}.sock")


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def frame(kind, number, body=b""):
    """docs/formats/ipc.md."""
    return len(body).to_bytes(4, "little") + kind.to_bytes(2, "little") + bytes(2) + number.to_bytes(4, "little") + body


def raw_answers(path):
    """What the socket says to a console that calls itself webd: configuration, status and metrics."""
    hello = b"\x0a" + varint(4) + b"webd" + b"\x12" + varint(1) + b"0" + b"\x18\x01"
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(5)
        peer.connect(str(path))
        kinds = [4, 6] + ([200] if path.name == "confd.sock" else [])
        peer.sendall(frame(1, 0, hello) + b"".join(frame(kind, kind) for kind in kinds))
        heard = b""
        deadline = time.monotonic() + 5
        while answers(heard) < len(kinds) and time.monotonic() < deadline:
            part = peer.recv(1 << 20)
            if not part:
                break
            heard += part
    assert answers(heard) >= len(kinds), (path, heard[:200])
    return heard


def answers(heard):
    count = 0
    while len(heard) >= 12 and len(heard) >= 12 + int.from_bytes(heard[:4], "little"):
        heard = heard[12 + int.from_bytes(heard[:4], "little"):]
        count += 1
    return count


def check_search(traces, folder):
    """The search itself: each secret, planted in each form in the middle of something else, is found."""
    for name, forms in traces.patterns.items():
        for form in forms:
            found = traces.found([("planted", b"\0before" + form + b"after\0")])
            assert ("planted", name) in found, (name, form)
    planted = folder / "planted"
    planted.mkdir()
    (planted / "planted-secret").write_bytes(b"x" * 5000 + COMMUNITY.encode())
    assert traces.found(files_below(planted)) == [("planted-secret", "community")], "the search is blind"
    assert not traces.found([("nothing", b"canary")])


def main():
    bin_dir = Path(sys.argv[1]).absolute()
    traces = Traces()
    for name, secret in (("community", COMMUNITY), ("unused community", UNUSED), ("plain community", PLAIN),
                         ("authentication", AUTH), ("privacy", PRIV), ("password", PASSWORD)):
        traces.add(name, secret)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check_search(traces, folder)
        state, log = folder / "state", folder / "console.log"
        used, plain, by_user = Decoy(), Decoy(), Decoy()
        (state / "confd/secrets").mkdir(parents=True, mode=0o700)
        (state / "confd/station.yaml").write_text(STATION.format(used=used.port, plain=plain.port, by_user=by_user.port))
        older = state / "confd/secrets/plain"
        older.touch(mode=0o600)
        older.write_text(PLAIN + "\n")
        command = [bin_dir / "outstation", "run", "--state", state, "--bin", bin_dir, "--port", str(free_port())]
        with Station(command, log) as station:
            host, port, fingerprint, first = station.console()
            console(bin_dir, state, "secret", "set", "used", secret=COMMUNITY)
            console(bin_dir, state, "secret", "set", "unused", secret=UNUSED)
            console(bin_dir, state, "secret", "set", "auth", secret=AUTH)
            console(bin_dir, state, "secret", "set", "priv", secret=PRIV)
            console(bin_dir, state, "secret", "rekey")
            session = Session(host, port, fingerprint)
            station.wait_for("sign-in", lambda: session.sign_in("admin", first) or True, 30)
            session.change_password(first, PASSWORD)
            session.sign_in("admin", PASSWORD)
            token = json.loads(console(bin_dir, state, "--json", "token", "add", "canary"))["token"]
            for name, secret in (("token", token), ("cookie", session.cookie.partition("=")[2]), ("first password", first)):
                traces.add(name, secret)
            for name, decoy, secret in (("used", used, COMMUNITY), ("plain", plain, PLAIN)):
                station.wait_for(f"poll with the secret {name}", lambda d=decoy, s=secret: s.encode() in d.listen(), 30)
            # Its passphrases are never sent: the question for its engine shows that they were at hand.
            station.wait_for("poll as the user", lambda: b"\x02\x01\x03" in by_user.listen(), 30)
            assert UNUSED.encode() not in used.heard + plain.heard and PLAIN.encode() not in used.heard
            programs = Session(host, port, fingerprint)
            programs.bearer = token
            places = [*processes(station.process.pid), *control_answers(bin_dir, state), *api_answers(session),
                      *api_answers(programs)]
            assert len(family_of(station.process.pid)) >= 6, "the station's processes were not seen"
            session.close()
            programs.close()
            assert station.stop() == 0
            # The first password is printed for the technician, and only there.
            said = log.read_bytes().replace(b"Password      " + first.encode(), b"Password")
            places += [("the log", said), *files_below(state)]
        sealed = [place for place, data in places if data[:4] == b"OSEC"]
        assert len(sealed) == 5, sealed
        places.append(("what the user's device was sent", by_user.heard))
        found = traces.found(places)
        for place, name in found:
            print(f"the {name} is in {place}", file=sys.stderr)
        print(f"{len(traces.patterns)} secrets looked for in {len(places)} places, {sum(len(data) for _, data in places)} bytes: "
              f"{len(found)} found")
        return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
