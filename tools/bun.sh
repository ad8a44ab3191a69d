#!/bin/sh
# Prints the path of the Bun executable that npm installed for this processor.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case $(uname -m) in
  x86_64) if grep -qw avx2 /proc/cpuinfo; then kind=x64; else kind=x64-baseline; fi ;;
  aarch64 | arm64) kind=aarch64 ;;
  *) echo "netevd: no Bun for $(uname -m); x86_64 and aarch64 are supported" >&2; exit 1 ;;
esac
if [ -e /lib/ld-musl-x86_64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ]; then
  echo "netevd: this system uses musl; only glibc systems are supported" >&2; exit 1
fi
bun=$root/node_modules/@oven/bun-linux-$kind/bin/bun
[ -x "$bun" ] || { echo "netevd: $bun is missing: run 'make deps'" >&2; exit 1; }
echo "$bun"
