#!/bin/sh
# uninstall.sh [--purge] - stops netevd, takes back its rules and routes, and removes its files. Asks nothing.
# Configuration, hooks and history stay; --purge removes configuration, history and user as well, but never a hook.
# PREFIX, SYSCONFDIR, UNITDIR: as they were given to install.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=$here/install-files.sh
[ -e "$files" ] || files=$here/packaging/install-files.sh
case ${1:-} in '' | --purge) ;; *) echo 'usage: uninstall.sh [--purge]' >&2; exit 2 ;; esac
if [ "${DESTDIR:-}" != "" ]; then exec "$files" --remove; fi
[ "$(id -u)" = 0 ] || { echo 'netevd: uninstall.sh needs root' >&2; exit 1; }
prefix=${PREFIX:-/usr} etc=${SYSCONFDIR:-/etc}

if [ -d /run/systemd/system ]; then
  systemctl disable --now netevd.service netevd-runner.socket 2>/dev/null || true
  systemctl stop netevd-runner.service 2>/dev/null || true
elif [ -x "$etc/init.d/netevd" ]; then
  export INIT=openrc
  rc-service --ifstarted netevd stop || true
  rc-update --quiet --all delete netevd 2>/dev/null || true
fi
sh "${files%/*}/flush-routing.sh" "$prefix/bin/netevd"
"$files" --remove
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl reset-failed netevd.service 2>/dev/null || true
  journalctl --update-catalog >/dev/null 2>&1 || true
fi
if [ "${1:-}" = --purge ]; then
  rm -rf /run/netevd /run/netevd-runner /var/lib/netevd /var/log/netevd
  rm -f "$etc/netevd/netevd.yaml"
  [ ! -d "$etc/netevd" ] || find "$etc/netevd" -depth -type d -exec rmdir {} + 2>/dev/null || true
  if id netevd >/dev/null 2>&1; then userdel netevd; fi
  [ ! -d "$etc/netevd" ] || echo "netevd: what is left in $etc/netevd is yours: it stays"
fi
