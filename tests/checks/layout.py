# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and places: snake_case C++ files with include guards, no drawer for odds and ends, nothing of one machine."""
import re
from pathlib import Path

import tree

DRAWERS = {"utils", "util", "common", "misc", "helpers"}
# Written so that the patterns do not find themselves.
MACHINE_PATH = re.compile(r"/[w]ork/\w|/[h]ome/[a-z][a-z0-9_-]*/|/tmp/[w]/|C:\\\\[U]sers")
REGISTRY = re.compile(
    r"\b(registry|mirrors?|deb|security|snapshot|archive|packages|pypi|files|repo|ftp)\."
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?(org|com|net|io|cn|dev)\b")
LONG = 500


def check(project):
    faults = []
    for name, text in project.texts():
        path = Path(name)
        if DRAWERS & {part.split(".")[0] for part in path.parts}:
            faults.append(f"{name}: name what it holds, not that it is shared")
        if tree.is_cpp(name) and not re.fullmatch(r"[a-z0-9_]+", path.stem):
            faults.append(f"{name}: not in snake_case")
        if path.suffix == ".hpp" and "#pragma once" not in text:
            faults.append(f"{name}: no #pragma once")
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line):
                faults.append(f"{name}:{number}: a path of one machine")
            if REGISTRY.search(line):
                faults.append(f"{name}:{number}: the host of a package registry or mirror")
    return faults


def long_files(project):
    """Files whose length asks for a second look; a warning, not a fault."""
    for name, text in project.texts():
        lines = text.count("\n")
        if lines > LONG and Path(name).suffix in tree.CPP | tree.SCRIPT and not tree.is_corpus(name):
            yield f"{name}: {lines} lines"
