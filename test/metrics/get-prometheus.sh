#!/bin/sh
# Prints the directory with `prometheus` and `promtool`, for tests: installed ones, else Debian's package unpacked below
# build/ (nothing is installed and no service starts). Where neither can be had, the reason is on standard error, exit 1.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
directory=$top/build/prometheus

installed=$(command -v promtool || true)
if [ -n "$installed" ] && command -v prometheus >/dev/null; then dirname "$installed"; exit; fi
if [ -x "$directory/usr/bin/promtool" ]; then echo "$directory/usr/bin"; exit; fi

command -v apt-get >/dev/null || { echo 'no promtool, and no apt-get to get it with' >&2; exit 1; }
mkdir -p "$top/build"
work=$(mktemp -d "$top/build/prometheus.XXXXXX")
trap 'rm -rf "$work"' EXIT
download() { (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download prometheus) >"$work/log" 2>&1; }
refresh() { [ "$(id -u)" = 0 ] && apt-get -qq update >"$work/log" 2>&1; }
download || { refresh && download; } || { echo "apt-get download prometheus: $(tail -1 "$work/log")" >&2; exit 1; }
dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$work" ./usr/bin
mkdir -p "$directory"
rm -rf "$directory/usr"
mv "$work/usr" "$directory/usr"
echo "$directory/usr/bin"
