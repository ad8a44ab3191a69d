#!/bin/sh
# build.sh VERSION ARCH [BUILD] - dist/netevd_VERSION_ARCH.deb of the netevd and netevd.node in BUILD (build), with
# dpkg-deb alone: no debhelper, no root. The same input gives the same bytes.
set -eu
version=$1 arch=$2 build=${3:-build}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
output=$top/dist/netevd_${version}_$arch.deb
maintainer='The netevd authors <hypersdk@users.noreply.github.com>'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022
DESTDIR=$work PREFIX=/usr SYSCONFDIR=/etc UNITDIR='' BUILD=$build "$top/packaging/install-files.sh"
# postinst makes it, where there is none: a conffile would make upgrades ask.
rm "$work/etc/netevd/netevd.yaml"

doc=$work/usr/share/doc/netevd
rm "$doc/LICENSE"
install -m 644 "$here/copyright" "$doc/copyright"
gzip -9n >"$doc/changelog.gz" <<CHANGELOG
netevd ($version) unstable; urgency=medium

  * /usr/share/doc/netevd/CHANGELOG.md lists the changes.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@${SOURCE_DATE_EPOCH:?}")
CHANGELOG
[ ! -d "$work/usr/share/man" ] || find "$work/usr/share/man" -type f -exec gzip -9n {} +
mkdir -p "$work/usr/share/lintian/overrides"
install -m 644 "$here/lintian-overrides" "$work/usr/share/lintian/overrides/netevd"

# The newest C library that the two files ask for.
libc=$(readelf -VW "$top/$build/netevd" "$top/$build/netevd.node" | grep -o 'GLIBC_[0-9][0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -1)
# As dpkg-gencontrol counts: the same number on every file system.
size=$(find "$work" -mindepth 1 \( -type f -printf '%s\n' -o -printf '1\n' \) | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
mkdir "$work/DEBIAN"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$work/DEBIAN/$script"; done
(cd "$work" && find etc -type f -printf '/%p\n' | LC_ALL=C sort) >"$work/DEBIAN/conffiles"
(cd "$work" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$work/DEBIAN/md5sums"
cat >"$work/DEBIAN/control" <<CONTROL
Package: netevd
Version: $version
Architecture: $arch
Section: net
Priority: optional
Maintainer: $maintainer
Homepage: https://github.com/hypersdk/netevd
Installed-Size: $size
Depends: libc6 (>= ${libc:?}), systemd | systemd-standalone-sysusers | systemd-sysusers
Recommends: polkitd | policykit-1, iproute2
Suggests: jq
Description: network event daemon that runs scripts when the network changes
 netevd watches the kernel and the machine's network manager (systemd-networkd,
 NetworkManager, dhclient) and runs the operator's scripts on every change: a
 cable, a lease, an address, a route, a VPN.
 .
 On hosts with several uplinks it also keeps routing rules and tables, so that
 replies leave by the link that requests came in on.
CONTROL
find "$work" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$top/dist"
dpkg-deb --root-owner-group -Zxz -z1 --build "$work" "$output" >/dev/null
echo "dist/${output##*/}"
