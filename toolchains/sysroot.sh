#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Unpacks the Debian 12 headers and libraries of another architecture into build/sysroot/ARCH, once for each package list.
# usage: toolchains/sysroot.sh arm64
# Packages are only unpacked: no foreign architecture in dpkg, no chroot, no binfmt, no root. The mirror and the proxy are
# those of this machine's own apt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

arch=${1:?usage: toolchains/sysroot.sh ARCH}

# The libraries of the build, from the one list of packages, and those the compiler needs to link at all.
packages=$(awk '/^\[/ { build = $1 == "[build]"; next } (build && $1 ~ /-dev$/) || /^libgtest-dev/ { print $1 }' \
    scripts/packages.txt; printf '%s\n' libc6-dev libstdc++-12-dev)
key=$(sort <<<"$packages" | cat - "${BASH_SOURCE[0]}" | sha256sum | cut -c1-12)
base=$PWD/build/sysroot
root=$base/$arch-$key

if [ ! -e "$root/.complete" ]; then
    command -v mmdebstrap >/dev/null || { echo "sysroot: mmdebstrap is missing (scripts/setup test)" >&2; exit 1; }
    # shellcheck disable=SC2016 # apt expands it
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' |
        head -n 1)
    [ -n "$mirror" ] || { echo "sysroot: apt knows no Debian 12 mirror (run apt-get update)" >&2; exit 1; }
    rm -rf "$root"
    mkdir -p "$base"
    network=$(mktemp)
    trap 'rm -f "$network"' EXIT
    apt-config dump | grep -E '^Acquire::https?::' >"$network" || true
    mode=auto
    [ "$(id -u)" -eq 0 ] || mode=chrootless
    mmdebstrap --quiet --mode=$mode --architectures="$arch" --variant=extract --aptopt="$network" \
        --include="$(paste -sd, <<<"$packages")" bookworm "$root" "$mirror"

    # An absolute link would leave the sysroot: make each relative.
    find "$root" -type l -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link target; do
        case $target in /dev/* | /proc/*) continue ;; esac
        ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$root$target")" "$link"
    done
    rm -rf "${root:?}"/{dev,var} "$root"/usr/share/{doc,man,locale,info,lintian,perl,perl5}
    touch "$root/.complete"
fi

ln -sfn "$arch-$key" "$base/$arch"
for old in "$base/$arch"-*; do
    [ "$old" = "$root" ] || rm -rf "$old"
done
echo "$base/$arch"
