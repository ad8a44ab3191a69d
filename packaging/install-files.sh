#!/bin/sh
# install-files.sh [--remove] - put netevd's files below $DESTDIR, or take them away again. One list for make install, the
# tarball and the Debian package. Touches no running system: install.sh does that.
#   DESTDIR     a staging directory            (default: none)
#   PREFIX      /usr, or /usr/local: systemd finds units in both; elsewhere set UNITDIR as well    (default: /usr)
#   SYSCONFDIR  holds netevd/netevd.yaml       (default: /etc)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
destination=${DESTDIR:-} prefix=${PREFIX:-/usr} etc=${SYSCONFDIR:-/etc}
unit_directory=${UNITDIR:-$prefix/lib/systemd/system}
case $prefix$etc in *[!A-Za-z0-9._/+-]*) echo "install: PREFIX and SYSCONFDIR must be plain paths" >&2; exit 2 ;; esac
[ "${1:-}" = --remove ] && removing=yes || removing=no

put() { # MODE SOURCE TARGET: an exact copy
  if [ $removing = yes ]; then rm -f "$destination$3"; return; fi
  install -D -m "$1" "$top/$2" "$destination$3.new"
  mv -f "$destination$3.new" "$destination$3"
}
put_text() { # MODE SOURCE TARGET: a copy that names the paths as they are here
  if [ $removing = yes ]; then rm -f "$destination$3"; return; fi
  mkdir -p "$destination$(dirname "$3")"
  sed -e "s|/usr/bin/netevd|$prefix/bin/netevd|g" -e "s|/usr/share/|$prefix/share/|g" -e "s|/etc/netevd|$etc/netevd|g" \
    "$top/$2" >"$destination$3.new"
  chmod "$1" "$destination$3.new"
  mv -f "$destination$3.new" "$destination$3"
}
drop() { # DIRECTORY: where nothing of anybody else is in it
  [ $removing = no ] || rmdir "$destination$1" 2>/dev/null || true
}

# The executable looks for its addon beside itself; what is started through the link finds it too.
put 755 build/netevd "$prefix/lib/netevd/netevd"
put 755 build/netevd.node "$prefix/lib/netevd/netevd.node"
drop "$prefix/lib/netevd"
if [ $removing = yes ]; then
  rm -f "$destination$prefix/bin/netevd"
else
  mkdir -p "$destination$prefix/bin"
  ln -sf ../lib/netevd/netevd "$destination$prefix/bin/netevd"
fi

put_text 644 packaging/systemd/netevd.service "$unit_directory/netevd.service"
if [ $removing = no ] && [ "$etc" != /etc ]; then
  sed -i "s|^ExecStart=.*|& --config $etc/netevd/netevd.yaml|" "$destination$unit_directory/netevd.service"
fi
put_text 644 packaging/systemd/netevd.catalog "$prefix/lib/systemd/catalog/netevd.catalog"
put 644 packaging/sysusers.d/netevd.conf "$prefix/lib/sysusers.d/netevd.conf"
put_text 644 packaging/tmpfiles.d/netevd.conf "$prefix/lib/tmpfiles.d/netevd.conf"
put 644 packaging/polkit/50-netevd.rules "$prefix/share/polkit-1/rules.d/50-netevd.rules"
put 644 packaging/iproute2/rt_protos.d/netevd.conf "$etc/iproute2/rt_protos.d/netevd.conf"
put 644 netevd.schema.json "$prefix/share/netevd/netevd.schema.json"
for file in prometheus/netevd.rules.yml prometheus/netevd.rules.test.yml grafana/netevd.json; do
  put 644 "packaging/$file" "$prefix/share/netevd/$file"
done
drop "$prefix/share/netevd/prometheus"
drop "$prefix/share/netevd/grafana"
drop "$prefix/share/netevd"

for page in netevd.8 netevd.yaml.5; do
  put_text 644 "build/man/$page" "$prefix/share/man/man${page##*.}/$page"
done
cd "$top"
for file in README.md CHANGELOG.md LICENSE SECURITY.md $(find docs -type f | sort); do
  put 644 "$file" "$prefix/share/doc/netevd/${file#docs/}"
done
put_text 644 packaging/netevd.yaml "$prefix/share/doc/netevd/examples/netevd.yaml"
for file in $(cd packaging/examples && find . -type f | sed 's|^\./||' | sort); do
  mode=644
  [ ! -x "packaging/examples/$file" ] || mode=755
  put_text $mode "packaging/examples/$file" "$prefix/share/doc/netevd/examples/$file"
done
if [ $removing = yes ]; then
  find "$destination$prefix/share/doc/netevd" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  exit 0
fi

# What is the operator's: never overwritten, never removed here.
if [ ! -e "$destination$etc/netevd/netevd.yaml" ]; then
  put_text 644 packaging/netevd.yaml "$etc/netevd/netevd.yaml"
fi
sed -n 's|^d /etc/netevd/\([^ ]*\) .*|\1|p' packaging/tmpfiles.d/netevd.conf | while read -r directory; do
  install -d -m 755 "$destination$etc/netevd/$directory"
done
