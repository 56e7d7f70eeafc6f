# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole station for tests and benchmarks: starts scripts/run, signs in, asks the API, and stops it again."""
import contextlib
import datetime
import hashlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
URL = re.compile(r"https://([^/\s:]+|\[[^\]]+\]):(\d+)")
FINGERPRINT = re.compile(r"\b((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\b")
LAST_LINE = "Ctrl-C stops the station."
FIRST_PASSWORD = re.compile(r"^\s*Password\s+(\S+)\s+\(first password", re.MULTILINE)


class StationError(Exception):
    """The station did not do what was asked, and the text says what it did."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def descendants(pid):
    """The process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += descendants(int(child))
    return found


def running(pid):
    """Whether the process is there and still does something: an orphan that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pinned_connection(host, port, fingerprint, timeout_s):
    """An HTTPS connection to exactly the certificate with this SHA-256 fingerprint."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=timeout_s)
    connection.connect()
    shown = hashlib.sha256(connection.sock.getpeercert(binary_form=True)).hexdigest().upper()
    if shown != fingerprint.replace(":", ""):
        raise StationError("the certificate is not the one whose fingerprint the console prints")
    return connection


class Session:
    """A caller of the REST API: a signed-in user, or the bearer of a read-only token."""

    def __init__(self, host, port, fingerprint):
        self.place = (host, port, fingerprint)
        self.cookie = self.csrf = self.password = self.bearer = None
        self.connection = None

    def request(self, method, path, body=None, timeout_s=10):
        headers = {"Accept": "application/json"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        for attempt in (1, 2):
            try:
                self.connection = self.connection or pinned_connection(*self.place, timeout_s)
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                # A kept connection may have been closed meanwhile: once more with a new one.
                self.close()
                if attempt == 2:
                    raise
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.split(";", 1)[0]
        return answer.status, text

    def get(self, path):
        status, text = self.request("GET", path)
        if status != 200:
            raise StationError(f"GET {path}: {status} {text[:200]!r}")
        return json.loads(text)

    def sign_in(self, user, password):
        status, text = self.request("POST", "/api/v1/session", {"user": user, "password": password})
        if status != 200:
            raise StationError(f"signing in: {status} {text[:200]!r}")
        self.csrf = json.loads(text)["csrf"]
        self.password = password

    def change_password(self, old, new):
        status, text = self.request("POST", "/api/v1/password", {"current": old, "new": new})
        if status != 204:
            raise StationError(f"changing the password: {status} {text[:200]!r}")

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Station:
    """Runs `command`, which is scripts/run or outstation run, until stop(); everything it prints goes to `log`."""

    def __init__(self, command, log, environment=None):
        self.log = Path(log)
        self.command = [str(part) for part in command]
        self.started = time.monotonic()
        self.started_at = datetime.datetime.now(datetime.timezone.utc)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=output,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(environment or {})}, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if room := self.temporary_room():
            folder = Path(json.loads(room.read_text()).get("agent_folder", ""))
            # Beside the station's directory only when root made it (scripts/demo-room); else it goes with that.
            if folder.name.startswith("outstation-agent-"):
                shutil.rmtree(folder, ignore_errors=True)

    def temporary_room(self):
        """What the demonstration room of a station for one test remembers, or None: somebody's own station keeps its room."""
        if "--state" not in self.command:
            return None
        room = Path(self.command[self.command.index("--state") + 1]) / "room/room.json"
        return room if Path(tempfile.gettempdir()) in room.parents and room.exists() else None

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, what, attempt, limit_s):
        """Calls `attempt` until it gives something true; a station that ends meanwhile is an error."""
        deadline = time.monotonic() + limit_s
        last = None
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise StationError(f"the station ended with {self.process.returncode} before {what}; "
                                   f"it said:\n{self.said()[-3000:]}")
            try:
                if value := attempt():
                    return value
            except (OSError, http.client.HTTPException, StationError) as error:
                last = error
            time.sleep(0.1)
        raise StationError(f"no {what} within {limit_s} s ({last}); the station said:\n{self.said()[-3000:]}")

    def console(self, limit_s=60):
        """(host, port, fingerprint, first password or None) as the console prints them."""
        def printed():
            text = self.said()
            if LAST_LINE not in text:  # webd's log has an address, too, before the password is there
                return None
            url, fingerprint = URL.search(text), FINGERPRINT.search(text)
            return url and fingerprint and (url, fingerprint)
        url, fingerprint = self.wait_for("address and fingerprint on the console", printed, limit_s)
        password = FIRST_PASSWORD.search(self.said())
        host = url.group(1).strip("[]")
        return ("127.0.0.1" if host == "localhost" else host, int(url.group(2)), fingerprint.group(1),
                password and password.group(1))

    def session(self, user="admin", password=None, limit_s=30):
        """Signs in; the first password, which the console prints, is replaced by `password` or a random one."""
        host, port, fingerprint, first = self.console()
        session = Session(host, port, fingerprint)

        def signed_in():
            session.sign_in(user, first or password)
            return True
        self.wait_for("sign-in", signed_in, limit_s)
        if first:
            chosen = password or secrets.token_urlsafe(16)
            session.change_password(first, chosen)
            session.sign_in(user, chosen)
        return session

    def measured(self, session):
        """The overview, once a device answers and a value was measured since this start."""
        overview = session.get("/api/v1/overview")
        if not overview["data_time"] or not overview["devices"]["up"]:
            return None
        newest = datetime.datetime.fromisoformat(overview["data_time"].replace("Z", "+00:00"))
        return overview if newest >= self.started_at else None

    @contextlib.contextmanager
    def reader(self, outstation, state):
        """A session that changes nothing: with an API token made at the console and taken back at the end."""
        host, port, fingerprint, _ = self.console()
        session = Session(host, port, fingerprint)
        name = f"check-{os.getpid()}"
        token = [outstation, "--state-dir", state, "token"]
        made = subprocess.run([*token, "add", name], cwd=ROOT, capture_output=True, text=True)
        if made.returncode != 0:
            raise StationError(f"making a token: {made.stderr.strip()}")
        try:
            session.bearer = made.stdout.strip()
            yield session
        finally:
            session.close()
            subprocess.run([*token, "remove", name], cwd=ROOT, capture_output=True)

    def cut(self):
        """Ends it as a power cut does: every process at once, and none is asked to finish its work."""
        family = descendants(self.process.pid) if self.process.poll() is None else []
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(running(pid) for pid in family):
            if time.monotonic() > deadline:
                raise StationError("a process of the station outlives SIGKILL by 10 s")
            time.sleep(0.01)

    def stop(self, limit_s=20):
        """Ends it as Ctrl-C does. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(limit_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        return self.process.returncode
