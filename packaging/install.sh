#!/bin/sh
# install.sh - install netevd on this machine, or a newer one over an older. Keeps an existing netevd.yaml and all hooks.
# Enables and starts nothing; a netevd that is running is restarted. PREFIX, SYSCONFDIR, UNITDIR: see install-files.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=$here/install-files.sh
[ -e "$files" ] || files=$here/packaging/install-files.sh
if [ "${DESTDIR:-}" != "" ]; then exec "$files"; fi
[ "$(id -u)" = 0 ] || { echo 'netevd: installing needs root (or DESTDIR for a staged copy)' >&2; exit 1; }
prefix=${PREFIX:-/usr} etc=${SYSCONFDIR:-/etc}

"$files"
if ! id netevd >/dev/null 2>&1; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers "$prefix/lib/sysusers.d/netevd.conf"
  else
    useradd --system --user-group --no-create-home --home-dir /var/lib/netevd --shell /usr/sbin/nologin netevd
  fi
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  journalctl --update-catalog >/dev/null 2>&1 || true
  systemctl try-restart netevd.service
fi
echo "netevd $("$prefix/bin/netevd" --version) is installed."
echo "  configuration  $etc/netevd/netevd.yaml     check it:  netevd validate"
echo "  hooks          $etc/netevd/*.d             see what would run:  netevd hooks"
echo "  start it       systemctl enable --now netevd"
