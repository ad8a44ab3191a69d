#!/bin/bash
# image.sh - build (once) the Debian 12 root filesystem that every lab boots from; print its path.
#
# It is a plain directory made by mmdebstrap. Labs never write to it: each one puts a tmpfs overlay on top. The
# directory name carries a hash of this recipe, so changing the recipe makes a new one. Nothing is installed on the
# host except mmdebstrap itself, and that only by root on a machine that has apt.
#   LAB_EXTRA_PKGS="nftables tcpdump"  more packages (a root of its own)
#   LAB_MIRROR=...                     another mirror than the suite's defaults
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=bookworm
pkgs=(
    systemd-sysv dbus polkitd libnss-systemd    # PID 1, bus, authorisation (polkit 122 = JavaScript rules)
    systemd-resolved                            # a package of its own on Debian 12; networkd, hostnamed are in "systemd"
    network-manager                             # 1.42; brings nmcli (and udev, which stays off in the lab)
    isc-dhcp-client ifupdown dnsmasq-base       # real DHCP client and its usual caller; DHCP server without the service
    networkd-dispatcher                         # the neighbour that the benchmark runs beside; masked
    iproute2 iputils-ping procps jq iptables    # ip, ping, ps/pgrep; jq and iptables for the documented hooks
)
extra=${LAB_EXTRA_PKGS:-}
recipe="$suite ${pkgs[*]} $extra $(md5sum <"$0" | cut -c1-8)"
dir=$LAB_CACHE/rootfs-$(md5sum <<<"$recipe" | cut -c1-12)
ready() { [ -e "$dir.ok" ] || return 1; touch "$dir.ok"; echo "$dir"; }
ready && exit 0

[ "$(id -u)" = 0 ] || lab_die "building the image needs root"
mkdir -p "$LAB_CACHE"
exec 9>"$LAB_CACHE/.lock"
flock 9                                                  # two test runs must not build at the same time
ready && exit 0
if ! command -v mmdebstrap >/dev/null; then
    command -v apt-get >/dev/null || lab_die "mmdebstrap is missing and there is no apt-get to install it"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap; } \
        >"$LAB_CACHE/build.log" 2>&1 9>&- || { tail -5 "$LAB_CACHE/build.log" >&2; lab_die "mmdebstrap could not be installed"; }
fi
rm -rf "$dir" "$dir.tmp"
include=$(IFS=,; echo "${pkgs[*]}${extra:+,${extra// /,}}")

# path-exclude: documentation only costs time. Without a mirror argument mmdebstrap takes the suite's default mirrors
# (main, updates, security).
mmdebstrap --mode=root --variant=minbase --format=directory --include="$include" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='force-unsafe-io' \
    "$suite" "$dir.tmp" ${LAB_MIRROR:+"$LAB_MIRROR"} >"$LAB_CACHE/build.log" 2>&1 9>&- ||
    { tail -20 "$LAB_CACHE/build.log" >&2; lab_die "mmdebstrap failed, see $LAB_CACHE/build.log"; }

r=$dir.tmp
rm -f "$r/etc/hostname"               # with a static hostname, hostname1.SetHostname (transient) changes nothing
: >"$r/etc/fstab"
echo 6e657465766420746573742d6c616221 >"$r/etc/machine-id"     # fixed: no first-boot work
ln -sf ../run/systemd/resolve/stub-resolv.conf "$r/etc/resolv.conf"

# What the lab boots: basic.target plus the daemons under test, and nothing else (no getty, no timers, no logind).
cat >"$r/etc/systemd/system/lab.target" <<'U'
[Unit]
Description=netevd test lab
Requires=basic.target
Wants=dbus.service systemd-networkd.service systemd-resolved.service NetworkManager.service polkit.service systemd-hostnamed.service
After=basic.target dbus.service systemd-networkd.service systemd-resolved.service NetworkManager.service polkit.service systemd-hostnamed.service
AllowIsolate=yes
U
# Off: needless in a lab, or slow. (udevd and sysctl are off by themselves: /sys and /proc/sys are read-only.)
for u in getty.target console-getty.service systemd-logind.service systemd-update-utmp.service \
         systemd-update-utmp-runlevel.service systemd-pcrphase.service systemd-pcrphase-sysinit.service \
         dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
         sys-fs-fuse-connections.mount systemd-journal-flush.service systemd-remount-fs.service \
         proc-sys-fs-binfmt_misc.automount systemd-journald-audit.socket modprobe@.service systemd-modules-load.service \
         systemd-sysusers.service systemd-ask-password-console.path systemd-ask-password-wall.path systemd-initctl.socket \
         apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
         dpkg-db-backup.timer systemd-tmpfiles-clean.timer networking.service networkd-dispatcher.service; do
    ln -sf /dev/null "$r/etc/systemd/system/$u"
done
mkdir -p "$r/etc/systemd/journald.conf.d" "$r/etc/systemd/network" "$r/etc/NetworkManager/conf.d" "$r/etc/systemd/system.conf.d"
cat >"$r/etc/systemd/journald.conf.d/lab.conf" <<'U'
[Journal]
Storage=volatile
RateLimitIntervalSec=0
U
cat >"$r/etc/systemd/system.conf.d/lab.conf" <<'U'
[Manager]
DefaultTimeoutStopSec=10s
U
# Who manages which link is decided by its name: nd* = networkd, nm* = NetworkManager, others = nobody.
cat >"$r/etc/systemd/network/10-lab.network" <<'U'
[Match]
Name=nd*
[Link]
RequiredForOnline=no
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
[DHCPv4]
UseDomains=yes
# networkd otherwise calls hostname1.SetHostname itself, and would fight with netevd in a test
UseHostname=no
U
cat >"$r/etc/NetworkManager/conf.d/lab.conf" <<'U'
[main]
no-auto-default=*
hostname-mode=none
[keyfile]
unmanaged-devices=*,except:interface-name:nm*
[connectivity]
enabled=false
[device-lab]
match-device=interface-name:nm*
# NetworkManager waits this long before it reports a lost carrier; its default of 6000 ms only makes tests slow
carrier-wait-timeout=300
U
mv "$dir.tmp" "$dir"
: >"$dir.ok"
# Roots of older recipes that nobody has booted for a month.
find "$LAB_CACHE" -maxdepth 1 -name 'rootfs-*.ok' -mtime +30 -print | while read -r old; do rm -rf "${old%.ok}" "$old"; done
echo "$dir"
