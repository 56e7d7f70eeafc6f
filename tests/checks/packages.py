# SPDX-License-Identifier: GPL-3.0-or-later
"""What our scripts call is installed by scripts/setup: the package stands in scripts/packages.txt, in a section that is asked for."""
import re
from pathlib import Path

LIST = "scripts/packages.txt"
# What is called or read -> its Debian 12 package. What is Essential there (coreutils, sed, grep, awk, find, util-linux) is not named.
PROVIDERS = {
    "chromium": "chromium", "clang-format": "clang-format", "cmake": "cmake", "curl": "curl",
    "e2fsck": "e2fsprogs", "file": "file", "git": "git", "ip": "iproute2", "jq": "jq", "losetup": "mount", "lsof": "lsof",
    "mkfs.ext4": "e2fsprogs", "mmdebstrap": "mmdebstrap", "mount": "mount", "ninja": "ninja-build", "node": "nodejs",
    "npm": "npm", "openssl": "openssl", "pgrep": "procps", "pkill": "procps", "protoc": "protobuf-compiler", "ps": "procps",
    "python3": "python3", "qemu-aarch64-static": "qemu-user-static", "qemu-img": "qemu-utils",
    "qemu-storage-daemon": "qemu-system-common", "shellcheck": "shellcheck", "snmpd": "snmpd", "snmpget": "snmp", "ss": "iproute2",
    "strace": "strace", "systemd-analyze": "systemd", "umount": "mount", "wget": "wget", "xz": "xz-utils",
    "/usr/share/zoneinfo": "tzdata",
}
# The first command installs these; the tests install everything.
RUN_SECTIONS = {"build", "ui", "run"}
RUN_FILES = ("scripts/run", "scripts/demo-room", "scripts/build-ui", "daemons/", "lib/")
SKIPPED = ("scripts/setup", "tests/checks/packages.py", "tests/checks/test_checks.py")


def listed(text):
    """package -> section."""
    packages, section = {}, ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            packages[line.split()[0]] = section
    return packages


def calls(text, shell):
    """The programs of the table that a script calls."""
    start = r"(?:^|[|;&(]|\b(?:exec|then|do|if|sudo|command -v)\s)[ \t]*" if shell else r"[\[(]\s*[\"']"
    end = r"(?=[ \t|;)&]|$)" if shell else r"[\"']\s*[,\])]"
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        yield from (name for name in PROVIDERS if re.search(f"{start}{re.escape(name)}{end}", line))


def used(project):
    """Yields (file, what it needs)."""
    for name, text in project.texts():
        shell = text.startswith("#!/bin/bash")
        if name.startswith(("scripts/", "tests/", "toolchains/")) and name not in SKIPPED and \
                (shell or name.endswith(".py") or text.startswith("#!/usr/bin/env python3")):
            yield from ((name, program) for program in set(calls(text, shell)))
        elif Path(name).suffix == ".cpp" and "/usr/share/zoneinfo" in text:
            yield name, "/usr/share/zoneinfo"


def doubled(text):
    names = [line.split()[0] for line in text.splitlines() if line and not line.startswith(("[", "#"))]
    return sorted({f"{LIST}: {name} stands there more than once" for name in names if names.count(name) > 1})


def check(project):
    sections = listed(project.text(LIST) or "") if LIST in project.files() else {}
    faults = doubled(project.text(LIST) or "") if LIST in project.files() else []
    for name, program in used(project):
        package = PROVIDERS[program]
        section = sections.get(package)
        if section is None:
            faults.append(f"{name}: needs {program}, and its package {package} is not in {LIST}")
        elif name.startswith(RUN_FILES) and section not in RUN_SECTIONS:
            faults.append(f"{name}: needs {program} to run, and {package} stands under [{section}] in {LIST}")
    return sorted(faults)
