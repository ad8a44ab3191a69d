#!/bin/sh
# Gets the programs that test/kernel/routing-programs.kernel.test.ts runs, from Debian's archive, into build/programs: no
# package is installed and no service is started. Without apt the tests that need them are skipped.
set -eu
cd "$(dirname "$0")/../.."
into=build/programs
[ -e "$into/complete" ] && exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'there is no apt-get here'; exit 1; }
archive=$(mktemp -d)
trap 'rm -rf "$archive"' EXIT
chmod 755 "$archive"
(cd "$archive" && apt-get -qq download openvpn keepalived bird2 \
  libpkcs11-helper1 libnl-3-200 libnl-genl-3-200 libnl-route-3-200 libsnmp40 libsensors5 libpci3 libssh-gcrypt-4 liblzo2-2 libcap-ng0 libwrap0) >/dev/null
mkdir -p "$into"
for package in "$archive"/*.deb; do dpkg-deb -x "$package" "$into"; done
touch "$into/complete"
