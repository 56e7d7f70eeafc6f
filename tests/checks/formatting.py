# SPDX-License-Identifier: GPL-3.0-or-later
"""C++ is formatted by clang-format 14 and scripts pass shellcheck; a missing tool is reported as skipped."""
import shutil
import subprocess

import tree


class Skipped(Exception):
    """The check cannot run here; the text says why."""


def tool(*names):
    for name in names:
        if shutil.which(name):
            return name
    raise Skipped(f"{names[-1]} is not installed")


def check_format(project):
    program = tool("clang-format-14", "clang-format")
    names = [name for name in project.files() if tree.is_cpp(name)]
    if not names:
        return []
    result = subprocess.run([program, "--dry-run", "--Werror", "--style=file", *names], cwd=project.root,
                            capture_output=True, text=True)
    return sorted({line.split(":", 1)[0] + ": not as clang-format writes it"
                   for line in result.stderr.splitlines() if ": error:" in line})


def is_shell(project, name):
    if name.endswith(".sh"):
        return True
    with (project.root / name).open("rb") as file:
        return file.read(32).startswith((b"#!/bin/bash", b"#!/bin/sh", b"#!/usr/bin/env bash"))


def check_shell(project):
    program = tool("shellcheck")
    names = [name for name in project.files() if is_shell(project, name)]
    if not names:
        return []
    result = subprocess.run([program, "--format=gcc", *names], cwd=project.root, capture_output=True, text=True)
    return result.stdout.splitlines()
