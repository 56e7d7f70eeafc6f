#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoders of what SNMP agents send: fuzzed so many times, or how much of them the corpora reach.

usage: tests/fuzz/decoders.py run EXECUTIONS   of each target, with ASan and UBSan; a line of JSON a target
       tests/fuzz/decoders.py fast EXECUTIONS  the same with UBSan alone, which is several times as fast; all that reached
                                               something new is then tried once with ASan too
       tests/fuzz/decoders.py others SECONDS   of each other fuzz target there is (files, packs, records, configuration)
       tests/fuzz/decoders.py coverage         lines of the decoders that the corpora in the tree reach, by file
What was found is kept in build/asan/found/ and build/fuzz/found/. Coverage below 95 % of the lines is a failure.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# target -> corpus
TARGETS = {"snmp_message_fuzz": "snmp_message", "snmp_v3_fuzz": "snmp_v3", "snmp_stream_fuzz": "snmp_stream"}
DECODERS = ["ber.hpp", "message.hpp", "message.cpp", "message_stream.cpp", "oid.cpp", "v3_message.cpp", "usm_session.cpp",
            "cycle.cpp", "walk.cpp"]
LEAST_PERCENT = 95


def run(command, **options):
    return subprocess.run([str(part) for part in command], cwd=ROOT, text=True, check=False, capture_output=True, **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode != 0:
        sys.exit(f"decoders.py: {command[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def build(folder, targets, *configure):
    must(["cmake", "-S", ROOT, *configure, "-DOUTSTATION_TESTS=ON"])
    must(["cmake", "--build", folder, "--parallel", os.cpu_count(), "--target", *targets])


def others():
    """The targets that read no agent's answers."""
    corpora = sorted(path.name for path in (ROOT / "tests/fuzz/corpus").iterdir())
    return {f"{corpus}_fuzz": corpus for corpus in corpora if corpus not in TARGETS.values()}


ASAN = ROOT / "build/asan"
FAST = ROOT / "build/fuzz"


def fuzz(targets, limit, folder=ASAN):
    """All targets, as often or as long; a crash, a hang or too much memory is a finding. A hang is 10 s by the clock on the
    wall: on a machine that has other work an input of milliseconds took one."""
    configure = ["--preset", "asan"]
    if folder == FAST:
        configure += ["-B", folder, "-DOUTSTATION_SANITIZE=undefined", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1"]
    build(folder, targets, *configure)
    bad = False
    for target, corpus in targets.items():
        grown = FAST / "found" / target if "-runs=0" in limit else folder / "found" / target
        grown.mkdir(parents=True, exist_ok=True)
        done = run([folder / "bin" / target, limit, "-timeout=10", "-rss_limit_mb=512", "-print_final_stats=1",
                    f"-artifact_prefix={folder}/found/", grown, ROOT / "tests/fuzz/corpus" / corpus])
        count = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
        found = int(done.returncode != 0 or count is None)
        bad = bad or bool(found)
        if found:
            print(done.stderr[-5000:])
        print(json.dumps({"campaign": "R15", "fault": target, "trials": int(count.group(1)) if count else 0, "lost": 0,
                          "doubled": 0, "phantom": 0, "other": found}), flush=True)
    return bad


def coverage():
    folder = ROOT / "build/coverage"
    build(folder, TARGETS, "-B", folder, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_C_COMPILER=clang",
          "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O1 -fprofile-instr-generate -fcoverage-mapping")
    profiles = []
    for target, corpus in TARGETS.items():
        profiles.append(folder / f"{target}.profraw")
        must([folder / "bin" / target, ROOT / "tests/fuzz/corpus" / corpus],
             env={**os.environ, "LLVM_PROFILE_FILE": str(profiles[-1])})
    merged = folder / "decoders.profdata"
    must(["llvm-profdata", "merge", "-o", merged, *profiles])
    binaries = [folder / "bin" / target for target in TARGETS]
    objects = [binaries[0], *(f"-object={one}" for one in binaries[1:])]
    sources = [ROOT / "drivers/snmp" / name for name in DECODERS]
    exported = json.loads(must(["llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", *objects, *sources]))
    for file in exported["data"][0]["files"]:
        lines = file["summary"]["lines"]
        print(f"{Path(file['filename']).name:<24}{lines['covered']:>6} of {lines['count']:>4}{lines['percent']:>8.1f} %")
    percent = exported["data"][0]["totals"]["lines"]["percent"]
    print(f"{'all decoders':<24}{percent:>22.1f} %")
    return percent < LEAST_PERCENT


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "run":
        return int(fuzz(TARGETS, f"-runs={int(sys.argv[2])}"))
    if len(sys.argv) == 3 and sys.argv[1] == "fast":
        return int(fuzz(TARGETS, f"-runs={int(sys.argv[2])}", FAST) or fuzz(TARGETS, "-runs=0"))
    if len(sys.argv) == 3 and sys.argv[1] == "others":
        return int(fuzz(others(), f"-max_total_time={int(sys.argv[2])}"))
    if sys.argv[1:] == ["coverage"]:
        return int(coverage())
    sys.exit(__doc__.split("usage: ")[1])


if __name__ == "__main__":
    sys.exit(main())
