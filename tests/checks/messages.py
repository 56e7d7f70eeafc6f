# SPDX-License-Identifier: GPL-3.0-or-later
"""Every id that a daemon logs is explained in docs/messages.md, under its daemon, and nothing is explained that none logs."""
import re

import tree

PAGE = "docs/messages.md"
CALL = re.compile(r"\blog(?:_|\(\))?\s*(?:\.|->)\s*(error|warning|info|debug)\(\s*(\"[^\"]*\")?")
# A part without a log hands id and text to its daemon, which logs them as a warning: `tell("ID", ...)`, `note("ID", ...)`.
HANDED_ON = re.compile(r"\b(?:tell|note)\(\s*\"([A-Z][A-Z0-9_]*)\"")
RELAY = re.compile(r"\(id,")
IDENTIFIER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# The folder whose lines a section explains; what lib logs, any daemon logs.
SECTIONS = {"lib": "All daemons", "ctl": "run (the foreground supervisor)"}


def section_of(name):
    area, module = name.split("/")[:2]
    key = module if area == "daemons" else area
    return SECTIONS.get(key, key)


def logged(project):
    """Yields (file, line, level, id or None) of each call that logs; tests only pretend."""
    for name in project.files():
        if not tree.is_cpp(name) or name.endswith("_test.cpp") or name.split("/")[0] not in ("lib", "drivers", "daemons"):
            continue
        text = project.text(name) or ""
        for call in CALL.finditer(text):
            if RELAY.match(text, call.end() - 1):
                continue
            said = (call.group(2) or "").strip('"')
            known = said if IDENTIFIER.fullmatch(said) else None
            yield name, text.count("\n", 0, call.start()) + 1, call.group(1), known
        for call in HANDED_ON.finditer(text):
            yield name, text.count("\n", 0, call.start()) + 1, "warning", call.group(1)


def explained(text):
    """(section, id) -> (line, meaning, what to do) of each row of the page's tables."""
    rows, section = {}, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            section = line[3:].strip()
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        for known in re.findall(r"`([^`]+)`", cells[0]) if len(cells) == 3 else []:
            rows[section, known] = (number, cells[1], cells[2])
    return rows


def check(project):
    faults, used = [], set()
    rows = explained(project.text(PAGE) or "") if PAGE in project.files() else {}
    for name, line, level, known in logged(project):
        if known is None:
            faults.append(f"{name}:{line}: the first argument is no literal id such as \"LOGIN_FAILED\"")
            continue
        key = section_of(name), known
        used.add(key)
        number, meaning, remedy = rows.get(key, (0, "", ""))
        if not meaning:
            faults.append(f"{name}:{line}: {known} is not explained in {PAGE} under \"{key[0]}\"")
        elif not remedy and level in ("error", "warning"):
            faults.append(f"{PAGE}:{number}: {known} is logged as {level}, and nothing says what to do")
    faults += [f"{PAGE}:{rows[key][0]}: nothing under \"{key[0]}\" logs {key[1]}" for key in rows if key not in used]
    return list(dict.fromkeys(faults))
