#!/bin/sh
# dist.sh VERSION - dist/netevd-VERSION-linux-ARCH.tar.gz of what is in build/: unpack, and run install.sh.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
name=netevd-$1-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/$name
umask 022
mkdir -p "$tree/build" "$top/dist"
cp -R "$top/build/netevd" "$top/build/netevd.node" "$top/build/man" "$tree/build/"
cd "$top"
cp -R packaging docs README.md CHANGELOG.md LICENSE SECURITY.md netevd.schema.json "$tree/"
rm -r "$tree/packaging/deb" "$tree/packaging/dist.sh"
mv "$tree/packaging/install.sh" "$tree/packaging/uninstall.sh" "$tree/"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-$(date +%s)}" -cf - "$name" |
  gzip -6n >"$top/dist/$name.tar.gz.new"
mv "$top/dist/$name.tar.gz.new" "$top/dist/$name.tar.gz"
echo "dist/$name.tar.gz"
