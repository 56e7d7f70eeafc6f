# SPDX-License-Identifier: GPL-3.0-or-later
"""Includes follow the arrows daemons -> drivers -> lib and the floors of lib; a third-party header stays in its module."""
import re
from pathlib import Path

import tree

FLOOR = {"model": 0, "event": 1, "crypto": 1, "wire": 2, "config": 2, "store": 3, "ipc": 3, "http": 3, "runtime": 4}

# Header prefix -> the places that may include it; a place is a folder or one file.
THIRD_PARTY = {
    "openssl/": ["lib/crypto/", "lib/http/"],
    "microhttpd.h": ["lib/http/"],
    "yaml-cpp/": ["lib/config/"],
    "nlohmann/": ["daemons/webd/", "daemons/ctl/"],
    "net-snmp/": ["tests/"],
    "protozero/": ["lib/wire/"],
    "google/protobuf/": ["tests/"],
    "sqlite3.h": ["lib/store/"],
    "zlib.h": ["daemons/webd/gzip"],
    "zstd.h": ["lib/wire/", "lib/store/"],
    "CLI/": ["daemons/ctl/", "lib/runtime/"],
    "tl/expected.hpp": ["lib/model/result.hpp"],
    "fmt/": ["lib/", "drivers/", "daemons/", "tests/"],
    "sys/epoll.h": ["lib/event/"],
    "sanitizer/allocator_interface.h": ["tests/hostile/leak_test"],
}
# A header with any other library in it stays inside its folder, so that no foreign type leaks out.
MAY_LEAK = ("tl/", "fmt/")
TEST_ONLY = ("gtest/", "gmock/", "benchmark/")
SYSTEM = re.compile(r"^([a-z0-9_]+(\.h)?|(sys|net|netinet|arpa|linux|asm|bits)/[a-z0-9_/-]+\.h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_test(name):
    return name.startswith("tests/") or re.search(r"_(test|fuzz|bench)\.[ch]pp$", name) is not None


def may_use(user, used):
    """Whether the arrows let the file `user` include the file `used` (paths from the root)."""
    source, target = Path(user).parts, Path(used).parts
    if source[0] == "tests":
        return True
    if len(target) < 3 or target[0] == "tests":
        return False
    if source[:2] == target[:2]:
        return True
    if source[0] == "lib":
        return target[0] == "lib" and FLOOR.get(target[1], 9) < FLOOR.get(source[1], -1)
    if source[0] in ("drivers", "hal"):
        return target[0] == "lib"
    return source[0] == "daemons" and target[0] in ("lib", "drivers", "hal")


def third_party_fault(user, header):
    if header.startswith(TEST_ONLY):
        return None if is_test(user) else "belongs to tests"
    for prefix, places in THIRD_PARTY.items():
        if not header.startswith(prefix):
            continue
        if any(user.startswith(place) for place in places) or user.startswith("tests/"):
            return None
        return "belongs in " + ", ".join(places)
    return None if SYSTEM.match(header) else "is a library that tests/checks/includes.py does not know"


def includes_of(project):
    """(file, line number, "<" or a quote, header) of every include in our C++."""
    for name, text in project.texts():
        if tree.is_cpp(name):
            for number, line in enumerate(text.splitlines(), 1):
                if match := INCLUDE.match(line):
                    yield name, number, *match.groups()


def own_header_fault(project, name, header, carriers):
    if header.endswith(".pb.h"):
        return None if is_test(name) else "is generated for tests"
    if not (project.root / header).is_file():
        return "is not spelled from the root, or does not exist"
    if not may_use(name, header):
        return "is against the arrows"
    if header in carriers and Path(name).parent != Path(header).parent and not name.startswith("tests/"):
        return f"would let {carriers[header]} out of its module"
    return None


def check(project):
    faults = []
    found = list(includes_of(project))
    carriers = {name: header for name, _, kind, header in found
                if kind == "<" and name.endswith(".hpp") and header.startswith(tuple(THIRD_PARTY))
                and not header.startswith(MAY_LEAK)}
    for name, number, kind, header in found:
        fault = third_party_fault(name, header) if kind == "<" else own_header_fault(project, name, header, carriers)
        if fault:
            faults.append(f"{name}:{number}: {header} {fault}")
    return faults
