#!/bin/sh
# install-files.sh [--remove] - puts netevd's files below $DESTDIR, or takes them away. `make install`, the tarball and
# all packages use this list. It touches no running system: install.sh does.
#   DESTDIR     a staging directory             (default: none)
#   PREFIX      /usr or /usr/local, where systemd finds units; elsewhere see UNITDIR    (default: /usr)
#   SYSCONFDIR  holds netevd/netevd.yaml        (default: /etc)
#   UNITDIR     holds netevd.service            (default: PREFIX/lib/systemd/system)
#   INIT        openrc: an OpenRC script instead of the unit
#   BUILD       holds netevd and netevd.node    (default: build)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
destination=${DESTDIR:-} prefix=${PREFIX:-/usr} etc=${SYSCONFDIR:-/etc} build=${BUILD:-build}
unit_directory=${UNITDIR:-$prefix/lib/systemd/system}
case $prefix$etc$unit_directory in *[!A-Za-z0-9._/+-]*) echo 'install: PREFIX, SYSCONFDIR and UNITDIR must be plain paths' >&2; exit 2 ;; esac
[ "${1:-}" = --remove ] && removing=yes || removing=no
doc=$prefix/share/doc/netevd
# Directories that the installation made, and that the removal takes away where they are empty. Packages need no list.
made=$prefix/lib/netevd/made-directories

make_directory() { # DIRECTORY
  [ ! -d "$destination$1" ] || return 0
  make_directory "$(dirname "$1")"
  mkdir -m 755 "$destination$1"
  [ -n "$destination" ] || new_directories="$1
$new_directories"
}
new_directories=''

put() { # MODE SOURCE TARGET: an exact copy
  if [ "$removing" = yes ]; then rm -f "$destination$3"; return; fi
  make_directory "$(dirname "$3")"
  install -m "$1" "$2" "$destination$3.new"
  mv -f "$destination$3.new" "$destination$3"
}
put_text() { # MODE SOURCE TARGET: a copy that names the paths of this installation
  if [ "$removing" = yes ]; then rm -f "$destination$3"; return; fi
  make_directory "$(dirname "$3")"
  sed -e "s|/usr/bin/netevd|$prefix/bin/netevd|g" -e "s|/etc/netevd|$etc/netevd|g" \
    -e "s|/usr/share/netevd|$prefix/share/netevd|g" -e "s|/usr/share/doc/netevd|$prefix/share/doc/netevd|g" \
    "$2" >"$destination$3.new"
  chmod "$1" "$destination$3.new"
  mv -f "$destination$3.new" "$destination$3"
}
put_link() { # WHERE-TO TARGET
  if [ "$removing" = yes ]; then rm -f "$destination$2"; return; fi
  make_directory "$(dirname "$2")"
  ln -sf "$1" "$destination$2"
}
put_where_built() { # MODE SOURCE TARGET: where there is such a file
  if [ "$removing" = yes ] || [ -s "$2" ]; then put_text "$1" "$2" "$3"; fi
}

# The executable looks for its addon beside itself; started through the link, it finds it too.
put 755 "$build/netevd" "$prefix/lib/netevd/netevd"
put 755 "$build/netevd.node" "$prefix/lib/netevd/netevd.node"
put 755 packaging/flush-routing.sh "$prefix/lib/netevd/flush-routing.sh"
put_link ../lib/netevd/netevd "$prefix/bin/netevd"

# --- the service -------------------------------------------------------------------------------------------------------
if [ "${INIT:-}" = openrc ]; then
  put_text 755 packaging/openrc/netevd "$etc/init.d/netevd"
else
  put_text 644 packaging/systemd/netevd.service "$unit_directory/netevd.service"
  if [ "$removing" = no ] && [ "$etc" != /etc ]; then
    sed -i -e "s|^ExecStart=.*|& --config $etc/netevd/netevd.yaml|" -e "s|^ExecReload=.* validate$|& --config $etc/netevd/netevd.yaml|" \
      "$destination$unit_directory/netevd.service"
  fi
  # Off until the operator enables the socket.
  put_text 644 packaging/systemd/netevd-runner.socket "$unit_directory/netevd-runner.socket"
  put_text 644 packaging/systemd/netevd-runner.service "$unit_directory/netevd-runner.service"
  if [ "$removing" = no ] && [ "$etc" != /etc ]; then
    sed -i -e "s|^ExecStart=.*|& --config $etc/netevd/netevd.yaml|" "$destination$unit_directory/netevd-runner.service"
  fi
  put_text 644 packaging/systemd/netevd.catalog "$prefix/lib/systemd/catalog/netevd.catalog"
  put 644 packaging/sysusers.d/netevd.conf "$prefix/lib/sysusers.d/netevd.conf"
  put_text 644 packaging/tmpfiles.d/netevd.conf "$prefix/lib/tmpfiles.d/netevd.conf"
fi
# polkit reads rules below /usr/share and /etc alone.
[ "$prefix" = /usr ] && rules=/usr/share || rules=$etc
put 644 packaging/polkit/50-netevd.rules "$rules/polkit-1/rules.d/50-netevd.rules"
put 644 packaging/iproute2/rt_protos.d/netevd.conf "$etc/iproute2/rt_protos.d/netevd.conf"

# --- for people --------------------------------------------------------------------------------------------------------
put 644 netevd.schema.json "$prefix/share/netevd/netevd.schema.json"
put_text 644 packaging/netevd.yaml "$prefix/share/netevd/netevd.yaml"
# What a program reads is not below share/doc, which some machines leave out.
for file in prometheus/netevd.rules.yml grafana/netevd.json; do
  put 644 "examples/$file" "$prefix/share/netevd/$file"
  put_link "../../../../netevd/$file" "$doc/examples/$file"
done
for page in netevd.8 netevd.yaml.5 netevd-hooks.7; do
  put_where_built 644 "build/man/$page" "$prefix/share/man/man${page##*.}/$page"
done
put_where_built 644 build/completion/netevd.bash "$prefix/share/bash-completion/completions/netevd"
put_where_built 644 build/completion/_netevd "$prefix/share/zsh/site-functions/_netevd"
put_where_built 644 build/completion/netevd.fish "$prefix/share/fish/vendor_completions.d/netevd.fish"
# The documents keep their places to each other, so that links in them work.
for file in README.md CHANGELOG.md CONTRIBUTING.md LICENSE SECURITY.md $(find docs -type f | sort); do
  put 644 "$file" "$doc/$file"
done
put_where_built 644 build/third-party-licenses.md "$doc/third-party-licenses.md"
for file in $(find examples -type f ! -path examples/prometheus/netevd.rules.yml ! -path examples/grafana/netevd.json | sort); do
  [ -x "$file" ] && mode=755 || mode=644
  put_text $mode "$file" "$doc/$file"
done

if [ "$removing" = yes ]; then
  [ ! -d "$destination$doc" ] || find "$destination$doc" -depth -type d -exec rmdir {} + 2>/dev/null || true
  directories=''
  [ ! -e "$destination$made" ] || directories=$(sort -r "$destination$made")
  rm -f "$destination$made"
  for directory in $directories "$prefix/lib/netevd" "$prefix/share/netevd/prometheus" "$prefix/share/netevd/grafana" "$prefix/share/netevd"; do
    rmdir "$destination$directory" 2>/dev/null || true
  done
  exit 0
fi

# --- the operator's: never overwritten, never removed here ---------------------------------------------------------------
if [ ! -e "$destination$etc/netevd/netevd.yaml" ]; then
  put_text 644 packaging/netevd.yaml "$etc/netevd/netevd.yaml"
fi
sed -n 's|^d /etc/netevd/\([^ ]*\) .*|\1|p' packaging/tmpfiles.d/netevd.conf | while read -r directory; do
  install -d -m 755 "$destination$etc/netevd/$directory"
done
# Those below /etc/netevd hold hooks, and stay until a purge.
[ -z "$new_directories" ] || printf %s "$new_directories" | grep -v "^$etc/netevd" >>"$made" || true
