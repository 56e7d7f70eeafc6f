# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd's own score of each unit file stays under its gate, and the score is printed."""
import re
import subprocess
from pathlib import Path

import formatting

# Exposure in tenths (0 is best, 100 worst): at most the first; the second is the goal for the appliance.
# PrivateUsers= would take off 0.2, but then SO_PEERCRED shows every peer as nobody, and we check our peers by it.
GATES = {"stored": (4, 3), "alertd": (4, 3), "confd": (4, 3), "authd": (4, 11), "polld": (13, 11), "probed": (12, 11), "webd": (13, 8)}


def unit_files(project):
    return [name for name in project.files() if re.fullmatch(r"daemons/\w+/outstation-\w+\.service", name)]


def exposure(path):
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
                            capture_output=True, text=True)
    match = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
    if not match:
        raise RuntimeError(f"systemd-analyze says nothing about {path}: {result.stderr.strip()}")
    return round(float(match.group(1)) * 10)


def check(project):
    formatting.tool("systemd-analyze")
    faults, scores = [], []
    for name in unit_files(project):
        daemon = Path(name).parent.name
        if Path(name).name != f"outstation-{daemon}.service" or daemon not in GATES:
            faults.append(f"{name}: no gate for this unit in tests/checks/units.py")
            continue
        score = exposure(project.root / name)
        gate, goal = GATES[daemon]
        scores.append(f"{daemon} {score / 10:.1f} (at most {gate / 10:.1f}, goal {goal / 10:.1f})")
        if score > gate:
            faults.append(f"{name}: exposure {score / 10:.1f} is over {gate / 10:.1f}")
    for name in project.files():
        if re.fullmatch(r"daemons/\w+/main\.cpp", name) and Path(name).parent.name != "ctl" and \
                f"daemons/{Path(name).parent.name}/outstation-{Path(name).parent.name}.service" not in unit_files(project):
            faults.append(f"{name}: a daemon without a unit file beside it")
    if scores:
        print("    exposure: " + ", ".join(scores))
    return faults
