#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check finds the fault that is planted for it, and passes the same tree without the fault."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import formatting
import headers
import includes
import layout
import links
import messages
import packages
import units
from tree import Tree

LICENCE = "SPDX-License-Identifier: " + "GPL-3.0-or-later"
HEADER = f"// {LICENCE}\n// One value that the test includes.\n#pragma once\n"
SOURCE = f"// {LICENCE}\n// A source file planted by the test.\n"
SHELL = f"#!/bin/bash\n# {LICENCE}\n# A script planted by the test.\n"
UNIT = Path(__file__).resolve().parents[2] / "daemons/stored/outstation-stored.service"


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        subprocess.run(["git", "init", "-q", folder.name], check=True)
        (self.root / ".clang-format").write_text(f"# {LICENCE}\nBasedOnStyle: Google\n")
        for module in ("lib/model", "lib/event", "lib/wire", "lib/store", "lib/ipc", "lib/runtime", "drivers/snmp",
                       "drivers/ping", "daemons/polld", "daemons/webd"):
            self.put(f"{module}/part.hpp", HEADER)

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def faults(self, check):
        return check(Tree(self.root))

    def include(self, name, header):
        start = HEADER if name.endswith(".hpp") else SOURCE
        self.put(name, f"{start}#include {header}\n")
        found = [fault for fault in self.faults(includes.check) if fault.startswith(name + ":")]
        (self.root / name).unlink()
        return found

    def test_clean_tree_passes(self):
        for check in (includes.check, headers.check, layout.check, links.check):
            self.assertEqual(self.faults(check), [])

    def test_includes_with_the_arrows(self):
        for name, header in [
                ("lib/wire/a.cpp", '"lib/model/part.hpp"'), ("lib/runtime/a.cpp", '"lib/store/part.hpp"'),
                ("drivers/snmp/a.cpp", '"lib/event/part.hpp"'), ("daemons/polld/a.cpp", '"drivers/snmp/part.hpp"'),
                ("tests/sim/a.cpp", '"daemons/polld/part.hpp"'), ("lib/crypto/a.cpp", "<openssl/evp.h>"),
                ("lib/model/a.cpp", "<sys/socket.h>"), ("lib/model/a_test.cpp", "<gtest/gtest.h>"),
                ("lib/wire/a.hpp", "<protozero/pbf_reader.hpp>"), ("lib/model/a.cpp", "<vector>")]:
            self.assertEqual(self.include(name, header), [], f"{name} {header}")

    def test_includes_against_the_arrows(self):
        for name, header in [
                ("lib/model/a.cpp", '"lib/event/part.hpp"'), ("lib/store/a.cpp", '"lib/ipc/part.hpp"'),
                ("lib/wire/a.cpp", '"drivers/snmp/part.hpp"'), ("drivers/snmp/a.cpp", '"drivers/ping/part.hpp"'),
                ("drivers/snmp/a.cpp", '"daemons/polld/part.hpp"'), ("daemons/webd/a.cpp", '"daemons/polld/part.hpp"'),
                ("daemons/webd/a.cpp", '"part.hpp"'), ("daemons/webd/a.cpp", '"lib/none/a.hpp"')]:
            self.assertEqual(len(self.include(name, header)), 1, f"{name} {header}")

    def test_third_party_header_out_of_its_module(self):
        for name, header in [
                ("lib/store/a.cpp", "<openssl/evp.h>"), ("lib/wire/a.hpp", "<microhttpd.h>"),
                ("daemons/polld/a.cpp", "<nlohmann/json.hpp>"), ("drivers/snmp/a.cpp", "<net-snmp/net-snmp-config.h>"),
                ("daemons/webd/a.cpp", "<tl/expected.hpp>"), ("lib/model/a.cpp", "<gtest/gtest.h>"),
                ("lib/model/a.cpp", "<unheard/of.hpp>"), ("daemons/webd/a.cpp", "<sys/epoll.h>")]:
            self.assertEqual(len(self.include(name, header)), 1, f"{name} {header}")

    def test_third_party_type_leaves_its_module(self):
        self.put("lib/crypto/ssl.hpp", HEADER + "#include <openssl/ssl.h>\n")
        self.assertEqual(self.include("lib/crypto/a.cpp", '"lib/crypto/ssl.hpp"'), [])
        self.assertEqual(len(self.include("lib/http/a.cpp", '"lib/crypto/ssl.hpp"')), 1)

    def test_missing_licence_and_purpose(self):
        self.put("lib/model/a.cpp", "// A source file with no licence line.\n")
        self.put("lib/model/b.cpp", f"// {LICENCE}\n#include <vector>\n")
        self.assertEqual([fault.split(":")[0] for fault in self.faults(headers.check)],
                         ["lib/model/a.cpp", "lib/model/b.cpp"])

    def test_corpus_needs_no_licence(self):
        self.put("tests/fuzz/corpus/message", "bytes")
        self.assertEqual(self.faults(headers.check), [])

    def test_names_and_places(self):
        for name, text in [
                ("lib/utils/a.cpp", SOURCE), ("lib/model/CamelCase.cpp", SOURCE), ("lib/model/a.hpp", SOURCE),
                ("docs/a.md", "see /" + "work/main/x"), ("docs/a.md", "in /" + "home/somebody/x"),
                ("docs/a.md", "from https://registry." + "example.org/x"), ("docs/a.md", "deb." + "debian.org")]:
            self.put(name, text)
            self.assertEqual(len(self.faults(layout.check)), 1, f"{name}: {text}")
            (self.root / name).unlink()

    def test_long_file_is_named(self):
        self.put("lib/model/long.cpp", SOURCE + "\n" * layout.LONG)
        self.assertEqual(len(list(layout.long_files(Tree(self.root)))), 1)

    def test_links(self):
        self.put("docs/a.md", "# A title\n[b](b.md) [self](#a-title) [out](https://example.org) [code](../lib/model)")
        self.put("docs/b.md", "[a](a.md#a-title)\n```\n[not](a-link.md)\n```\n")
        self.assertEqual(self.faults(links.check), [])
        self.put("docs/b.md", "[none](none.md) [heading](a.md#no-such)")
        self.assertEqual(len(self.faults(links.check)), 2)

    def test_messages(self):
        page = f"<!-- {LICENCE} -->\n## All daemons\n\n| id | means | do |\n|---|---|---|\n| `READY` | it serves | |\n"
        self.put("docs/messages.md", page)
        self.put("lib/runtime/a.cpp", SOURCE + 'log_.info("READY", "x");\n')
        self.assertEqual(self.faults(messages.check), [])
        for name, call, said in [
                ("lib/runtime/b.cpp", 'log_.error("FATAL", x);', "FATAL is not explained"),
                ("lib/runtime/b.cpp", 'log_.warning("READY", x);', "nothing says what to do"),
                ("lib/runtime/b.cpp", 'context_->log().warning(\n    id, x);', "no literal id"),
                ("daemons/polld/b.cpp", 'context_->log().info("READY", x);', 'under "polld"')]:
            self.put(name, SOURCE + call + "\n")
            found = self.faults(messages.check)
            self.assertEqual(len(found), 1, call)
            self.assertIn(said, found[0])
            (self.root / name).unlink()
        self.put("lib/runtime/b_test.cpp", SOURCE + 'log_.error("PLANTED", x);\n')
        self.assertEqual(self.faults(messages.check), [])

    def test_message_that_nobody_logs(self):
        self.put("docs/messages.md", "## webd\n| `GONE` | it was here | look |\n")
        self.assertEqual(len(self.faults(messages.check)), 1)

    def test_message_without_a_page(self):
        self.put("daemons/webd/a.cpp", SOURCE + 'log_.info("READY", x);\n')
        self.assertEqual(len(self.faults(messages.check)), 1)

    def test_packages_of_what_is_called(self):
        self.put("scripts/packages.txt", "[run]\nsnmpd  # why\n[test]\ngit  # why\n")
        self.put("scripts/test", SHELL + "git status | sort\n# curl is only named\necho curl\n")
        self.put("tests/a.py", f'# {LICENCE}\n"""A test."""\nrun(["snmpd", "-f"])\n')
        self.assertEqual(self.faults(packages.check), [])
        for name, text in [
                ("scripts/b", SHELL + "x=$(curl -s localhost)\n"), ("scripts/b", SHELL + "true && xz -d a\n"),
                ("tests/b.py", f'# {LICENCE}\nrun(["ps", "-e"])\n'), ("daemons/webd/b.cpp", 'open("/usr/share/zoneinfo/UTC");'),
                ("scripts/run", SHELL + "git status\n")]:
            self.put(name, text)
            self.assertEqual(len(self.faults(packages.check)), 1, f"{name}: {text}")
            (self.root / name).unlink()

    def test_formatting(self):
        try:
            formatting.tool("clang-format-14", "clang-format")
        except formatting.Skipped as reason:
            self.skipTest(str(reason))
        self.put("lib/model/a.cpp", SOURCE + "int  x;\n")
        self.assertEqual(len(self.faults(formatting.check_format)), 1)

    def test_shell_script(self):
        try:
            formatting.tool("shellcheck")
        except formatting.Skipped as reason:
            self.skipTest(str(reason))
        self.put("scripts/a", SHELL + "echo 'fine'\n")
        self.assertEqual(self.faults(formatting.check_shell), [])
        self.put("scripts/a", SHELL + "cd $1\n")
        self.assertGreaterEqual(len(self.faults(formatting.check_shell)), 1)

    def test_unit_over_its_gate(self):
        try:
            formatting.tool("systemd-analyze")
        except formatting.Skipped as reason:
            self.skipTest(str(reason))
        hardened = UNIT.read_text()
        self.put("daemons/stored/outstation-stored.service", hardened)
        self.assertEqual(self.faults(units.check), [])
        self.put("daemons/stored/outstation-stored.service", hardened.replace("PrivateNetwork=yes", ""))
        self.assertEqual(len(self.faults(units.check)), 1)
        self.put("daemons/unknownd/outstation-unknownd.service", hardened)
        self.assertEqual(len(self.faults(units.check)), 2)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    failed, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)
