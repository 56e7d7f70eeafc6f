# SPDX-License-Identifier: GPL-3.0-or-later
"""Every link between our documents leads to a file, and to a heading when it names one."""
import re

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def anchor(heading):
    heading = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def anchors(text):
    return {anchor(match) for match in re.findall(r"^#+\s+(.+?)\s*#*$", FENCE.sub("", text), re.MULTILINE)}


def check(project):
    faults = []
    for name, text in project.texts():
        if not name.endswith(".md"):
            continue
        for target in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            place, _, heading = target.partition("#")
            path = (project.root / name).parent / place if place else project.root / name
            if not path.exists():
                faults.append(f"{name}: link to {target}, which does not exist")
            elif heading and path.suffix == ".md" and heading not in anchors(path.read_text()):
                faults.append(f"{name}: link to {target}: no such heading")
    return faults
