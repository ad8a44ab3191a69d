#!/bin/sh
# build.sh VERSION OUTPUT - the Debian package of what is in build/, with dpkg-deb alone (no debhelper, no root).
set -eu
version=$1 output=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022
DESTDIR=$work PREFIX=/usr SYSCONFDIR=/etc UNITDIR='' "$top/packaging/install-files.sh"
[ ! -d "$work/usr/share/man" ] || find "$work/usr/share/man" -type f -exec gzip -9n {} +
mv "$work/usr/share/doc/netevd/LICENSE" "$work/usr/share/doc/netevd/copyright"

# The newest C library that the two files ask for.
libc=$(objdump -T "$top/build/netevd" "$top/build/netevd.node" | grep -o 'GLIBC_[0-9][0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -1)
mkdir "$work/DEBIAN"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$work/DEBIAN/$script"; done
(cd "$work" && find etc -type f -printf '/%p\n' | sort) >"$work/DEBIAN/conffiles"
(cd "$work" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$work/DEBIAN/md5sums"
cat >"$work/DEBIAN/control" <<CONTROL
Package: netevd
Version: $version
Architecture: $(dpkg --print-architecture)
Section: net
Priority: optional
Maintainer: netevd maintainers <netevd@localhost>
Installed-Size: $(du -k -s --apparent-size "$work/usr" | cut -f1)
Depends: libc6 (>= ${libc:?}), adduser
Recommends: polkitd | policykit-1, iproute2
Suggests: jq
Description: runs your scripts when the network changes
 netevd watches the kernel and the machine's network manager (systemd-networkd,
 NetworkManager, dhclient), and on every change runs the operator's scripts. It
 can also keep routing rules for hosts with several uplinks.
CONTROL
mkdir -p "$(dirname "$output")"
dpkg-deb --root-owner-group -Zzstd -z10 --build "$work" "$output" >/dev/null
