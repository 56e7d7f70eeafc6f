# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the project as the checks see them: what git tracks, and what it would track if it were added."""
import subprocess
from pathlib import Path

CPP = {".cpp", ".hpp"}
SCRIPT = {".py", ".sh", ".js", ".mjs", ".ts", ".css"}
LOCKED = {"package-lock.json"}


class Tree:
    def __init__(self, root):
        self.root = Path(root)

    def files(self):
        listed = subprocess.run(
            ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode().split("\0")
        return sorted(name for name in set(listed) if name and (self.root / name).is_file())

    def text(self, name):
        """The file's text, or None when it is not text."""
        data = (self.root / name).read_bytes()
        try:
            return None if b"\0" in data else data.decode()
        except UnicodeDecodeError:
            return None

    def texts(self):
        for name in self.files():
            text = self.text(name)
            if text is not None:
                yield name, text


def is_cpp(name):
    return Path(name).suffix in CPP


def is_corpus(name):
    """Inputs of tests and recordings: data, which is neither ours to format nor to label."""
    return any(part in ("corpus", "testdata", "snapshots") for part in Path(name).parts)
