#!/bin/sh
# build.sh VERSION - dist/aur/: PKGBUILD and .SRCINFO for the release, with the checksums of the tarballs in dist/.
# makepkg writes .SRCINFO where it can run (not as root); else the one here is filled in.
set -eu
version=$1
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
output=$top/dist/aur
rm -rf "$output"
mkdir -p "$output"
cp "$here/netevd.install" "$output/"
sum() { # ARCH
  sha256sum "$top/dist/netevd-$version-linux-$1.tar.gz" | cut -d' ' -f1
}
x86_64=$(sum amd64) aarch64=$(sum arm64)
sed -e "s/^pkgver=.*/pkgver=$version/" -e "s/^sha256sums_x86_64=.*/sha256sums_x86_64=($x86_64)/" \
  -e "s/^sha256sums_aarch64=.*/sha256sums_aarch64=($aarch64)/" "$here/PKGBUILD" >"$output/PKGBUILD"
if [ "$(id -u)" != 0 ] && command -v makepkg >/dev/null; then
  (cd "$output" && makepkg --printsrcinfo >.SRCINFO)
else
  sed -e "s/pkgver = .*/pkgver = $version/" -e "s|/v[0-9.]*/netevd-[0-9.]*-|/v$version/netevd-$version-|" \
    -e "s/sha256sums_x86_64 = .*/sha256sums_x86_64 = $x86_64/" -e "s/sha256sums_aarch64 = .*/sha256sums_aarch64 = $aarch64/" \
    "$here/.SRCINFO" >"$output/.SRCINFO"
fi
echo dist/aur
