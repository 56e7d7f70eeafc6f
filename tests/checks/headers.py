# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file opens with its licence, and every source file then says in a sentence what it is for."""
import re
from pathlib import Path

import tree

LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
WITHOUT = {"LICENSE", ".gitignore", ".gitattributes"}
# Formats that have no comments, or are generated.
NO_COMMENT = {".json", ".png", ".svg", ".ico", ".woff2", ".txt.gz", ".snmprec", ".pem", ".webmanifest", ".csv"}
PURPOSE = tree.CPP | {".py", ".sh", ".ts", ".js", ".mjs", ".proto"}


def purpose_line(lines):
    """The first line after the licence that says something, comment signs removed."""
    for line in lines:
        if LICENCE in line or line.startswith("#!"):
            continue
        said = re.sub(r'^[\s/#*"\'!-]+|[\s*/"-]+$', "", line)
        if said:
            return line, said
    return "", ""


def check(project):
    faults = []
    for name, text in project.texts():
        path = Path(name)
        if path.name in WITHOUT or path.suffix in NO_COMMENT or tree.is_corpus(name):
            continue
        lines = text.splitlines()[:8]
        if not any(LICENCE in line for line in lines[:3]):
            faults.append(f"{name}:1: no line '{LICENCE}'")
        elif path.suffix in PURPOSE:
            line, said = purpose_line(lines)
            if len(said.split()) < 2 or not re.match(r'\s*(//|#(?!include|pragma)|/?\*|"""|\w)', line) or \
                    re.match(r"\s*(import|from|#include|#pragma|namespace|syntax|package)\b", line):
                faults.append(f"{name}:2: no sentence that says what the file is for")
    return faults
