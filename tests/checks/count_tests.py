#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the cases of a ctest run: those inside GoogleTest programs one by one, every other test as one.

usage: count_tests.py FOLDER, which holds ctest.junit and the XML reports that the GoogleTest programs wrote.
"""
import sys
import xml.etree.ElementTree as xml
from pathlib import Path


def program_counts(report):
    """(passed, failed, skipped) of one GoogleTest report."""
    cases = [case for case in xml.parse(report).iter("testcase") if case.get("status") == "run"]
    failed = sum(case.find("failure") is not None for case in cases)
    skipped = [case for case in cases if case.find("failure") is None and case.find("skipped") is not None]
    for case in skipped:
        reason = (case.find("skipped").get("message") or "").strip().splitlines()
        print(f"skipped: {case.get('classname')}.{case.get('name')}: {reason[-1] if reason else 'no reason given'}")
    return len(cases) - failed - len(skipped), failed, len(skipped)


def entry_counts(entry, reports):
    """(passed, failed, skipped) of one ctest entry."""
    status = entry.get("status")
    if status in ("notrun", "disabled") or entry.find("skipped") is not None:
        said = [line for line in (entry.findtext("system-out") or "").splitlines() if line.startswith("skipped: ")]
        print(said[-1] if said else f"skipped: {entry.get('name')}: {status}")
        return 0, 0, 1
    report = reports / f"{entry.get('name')}.xml"
    counts = program_counts(report) if report.exists() else (int(status == "run"), 0, 0)
    if status == "fail" and counts[1] == 0:
        return counts[0], 1, counts[2]
    return counts


def main(folder):
    folder = Path(folder)
    junit = folder / "ctest.junit"
    entries = xml.parse(junit).iter("testcase") if junit.exists() else []
    total = [sum(column) for column in zip((0, 0, 0), *(entry_counts(entry, folder) for entry in entries))]
    print("{} passed, {} failed, {} skipped".format(*total))


if __name__ == "__main__":
    main(sys.argv[1])
