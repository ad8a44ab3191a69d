#!/bin/sh
# build.sh VERSION ARCH - dist/netevd-VERSION-1.*.rpm from the tarball of `make dist`. Needs rpmbuild.
set -eu
version=$1 arch=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
command -v rpmbuild >/dev/null || { echo 'netevd: rpmbuild is missing; install rpm-build (Debian: rpm)' >&2; exit 1; }
grep -q "^Version: *$version\$" "$here/netevd.spec" || { echo "netevd: netevd.spec has another version than $version" >&2; exit 1; }
case $arch in amd64) target=x86_64 ;; arm64) target=aarch64 ;; *) echo "netevd: no rpm for $arch" >&2; exit 2 ;; esac
: "${SOURCE_DATE_EPOCH:?make sets it}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rpmbuild -bb --quiet --nodeps --target "$target" --define "_topdir $work" --define "_sourcedir $top/dist" \
  --define '_buildhost netevd' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
  --define '_binary_payload w6.gzdio' --define '_build_id_links none' "$here/netevd.spec"
for file in "$work"/RPMS/*/*.rpm; do
  mv "$file" "$top/dist/"
  echo "dist/${file##*/}"
done
