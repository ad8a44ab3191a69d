#!/bin/sh
# uninstall.sh [--purge] - stop netevd and take its files away. Configuration, hooks and history stay; --purge removes
# configuration, history and user too, but never a hook.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=$here/install-files.sh
[ -e "$files" ] || files=$here/packaging/install-files.sh
if [ "${DESTDIR:-}" != "" ]; then exec "$files" --remove; fi
[ "$(id -u)" = 0 ] || { echo 'netevd: uninstalling needs root' >&2; exit 1; }
etc=${SYSCONFDIR:-/etc}

if [ -d /run/systemd/system ]; then systemctl disable --now netevd.service 2>/dev/null || true; fi
"$files" --remove
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  journalctl --update-catalog >/dev/null 2>&1 || true
fi
if [ "${1:-}" = --purge ]; then
  rm -rf /run/netevd /var/lib/netevd /var/log/netevd
  rm -f "$etc/netevd/netevd.yaml"
  find "$etc/netevd" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  if id netevd >/dev/null 2>&1; then userdel netevd; fi
  [ ! -d "$etc/netevd" ] || echo "netevd: what else lies in $etc/netevd is yours, and stays"
fi
