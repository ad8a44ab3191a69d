#!/bin/sh
# dist.sh VERSION ARCH [BUILD] - dist/netevd-VERSION-linux-ARCH.tar.gz of the netevd and netevd.node in BUILD (build):
# unpack it, and run install.sh. The same input gives the same bytes.
set -eu
version=$1 arch=$2 build=${3:-build}
top=$(cd "$(dirname "$0")/.." && pwd)
name=netevd-$version-linux-$arch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/$name
umask 022
mkdir -p "$tree/build" "$tree/packaging" "$top/dist"
cd "$top"
cp "$build/netevd" "$build/netevd.node" "$tree/build/"
for made in man completion third-party-licenses.md; do [ ! -d "build/$made" ] || cp -R "build/$made" "$tree/build/"; done
cp -R docs examples README.md CHANGELOG.md CONTRIBUTING.md LICENSE SECURITY.md netevd.schema.json "$tree/"
cd packaging
cp -R install-files.sh flush-routing.sh netevd.yaml systemd openrc sysusers.d tmpfiles.d polkit iproute2 "$tree/packaging/"
cp install.sh uninstall.sh "$tree/"
find "$tree" -type d -exec chmod 755 {} + -o -type f -perm -u+x -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
tar -C "$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:?}" -cf - "$name" |
  gzip -6n >"$top/dist/$name.tar.gz.new"
mv "$top/dist/$name.tar.gz.new" "$top/dist/$name.tar.gz"
echo "dist/$name.tar.gz"
