#!/bin/sh
# install.sh - installs netevd on this machine, or a newer one over an older. Asks nothing. Keeps an existing netevd.yaml
# and all hooks. Enables and starts nothing; a netevd that is running is restarted.
# PREFIX, SYSCONFDIR, UNITDIR: see install-files.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=$here/install-files.sh
[ -e "$files" ] || files=$here/packaging/install-files.sh
if [ "${DESTDIR:-}" != "" ]; then exec "$files"; fi
[ "$(id -u)" = 0 ] || { echo 'netevd: install.sh needs root, or DESTDIR for a staged copy' >&2; exit 1; }
prefix=${PREFIX:-/usr} etc=${SYSCONFDIR:-/etc}
unit_directory=${UNITDIR:-$prefix/lib/systemd/system}
if [ ! -d /run/systemd/system ] && [ -x /sbin/openrc-run ]; then export INIT=openrc; fi

"$files"
if ! id netevd >/dev/null 2>&1; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers "$prefix/lib/sysusers.d/netevd.conf" >/dev/null
  else
    useradd --system --user-group --no-create-home --home-dir /var/lib/netevd --shell /usr/sbin/nologin netevd
  fi
fi

# Commands as they work here: by their full path where the shell would not find this netevd.
program=netevd unit=netevd config=''
[ "$(command -v netevd)" = "$prefix/bin/netevd" ] || program=$prefix/bin/netevd
[ "$etc" = /etc ] || config=" -c $etc/netevd/netevd.yaml"
case $unit_directory in
  /usr/lib/systemd/system | /usr/local/lib/systemd/system | /lib/systemd/system | /etc/systemd/system) ;;
  *) unit=$unit_directory/netevd.service ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  journalctl --update-catalog >/dev/null 2>&1 || true
  ! systemctl is-active --quiet netevd.service || systemctl restart netevd.service
  start="systemctl enable --now $unit"
elif [ "${INIT:-}" = openrc ]; then
  start='rc-update add netevd && rc-service netevd start'
else
  start="$program$config     (as root; from your init system, see docs/without-systemd.md)"
fi
echo "netevd $("$prefix/bin/netevd" --version) is installed."
echo "  configuration  $etc/netevd/netevd.yaml     check it:  $program validate$config"
echo "  hooks          $etc/netevd/*.d             see which run:  $program hooks$config"
echo "  start it       $start"
