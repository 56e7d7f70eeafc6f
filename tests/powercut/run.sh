#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Power cuts at block level: run.sh BUILD_DIR [POINTS]. Says "skipped: why" where the machine lacks what it needs.
set -euo pipefail

build=${1:?usage: run.sh BUILD_DIR [POINTS]}
points=${2:-20}
here=$(dirname "$(readlink -f "$0")")

skip() {
    echo "skipped: $1"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

[ "$(id -u)" = 0 ] || skip "power cuts need root"
[ -w /dev/fuse ] || skip "there is no /dev/fuse"
[ -w /dev/loop-control ] || skip "there are no loop devices"
for tool in qemu-storage-daemon mkfs.ext4 e2fsck losetup mount python3; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[[ $(qemu-storage-daemon --help) == *fuse,id=* ]] || skip "qemu-storage-daemon cannot export by FUSE"
probe=$(mktemp)
truncate -s 1M "$probe"
loop=$(losetup --show -f "$probe" 2>/dev/null) || { rm -f "$probe"; skip "loop devices are not allowed here"; }
losetup -d "$loop"
rm -f "$probe"

exec python3 "$here/rig.py" "$build/bin/powercut_store" "$points"
