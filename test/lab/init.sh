#!/bin/bash
# init.sh - runs as PID 1 of the new namespaces: build the lab's file tree, pivot into it, exec systemd.
# Called by up.sh only. Everything mounted here lives in the lab's own mount namespace and is gone with it.
set -euo pipefail
image=$1 base=$2 target=$3 mem=$4 bun=$5 dir=$6
shift 6                               # rest: bind mounts SRC:DST:MODE

mount --make-rprivate /
mount -t tmpfs -o "mode=755,size=$mem" lab "$base"
mkdir "$base"/{up,work,root}
R=$base/root
mount -t overlay -o "lowerdir=$image,upperdir=$base/up,workdir=$base/work" overlay "$R"

mount -t proc   -o nosuid,nodev,noexec proc "$R/proc"
# Read-only /sys tells networkd, NetworkManager and udev "container": they do not wait for udev events.
# It is mounted from inside the new network namespace, so /sys/class/net shows the lab's links.
mount -t sysfs  -o nosuid,nodev,noexec,ro sysfs "$R/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$R/sys/fs/cgroup"
# systemd writes kernel-wide sysctls at boot (fs.protected_*, fs.file-max). Keep those off the host's kernel:
# /proc/sys read-only, except the per-network-namespace part.
mount --bind "$R/proc/sys" "$R/proc/sys"
mount --bind "$R/proc/sys/net" "$R/proc/sys/net"
mount -o remount,bind,ro,nosuid,nodev,noexec "$R/proc/sys"

mount -t tmpfs -o mode=755,nosuid,size=1m dev "$R/dev"
mkdir "$R"/dev/{pts,shm,net}
while read -r n maj min; do mknod -m 666 "$R/dev/$n" c "$maj" "$min"; done <<D
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
net/tun 10 200
D
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$R/dev/pts"
ln -s pts/ptmx "$R/dev/ptmx"
ln -s /proc/self/fd "$R/dev/fd"
for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%:*}" "$R/dev/${i#*:}"; done
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$R/dev/shm"
mount -t tmpfs -o mode=755,nosuid,nodev  run "$R/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$R/tmp"

bind() { # SRC DST ro|rw
    if [ -d "$1" ]; then mkdir -p "$R$2"; else mkdir -p "$(dirname "$R$2")"; [ -e "$R$2" ] || : >"$R$2"; fi
    mount --rbind "$1" "$R$2"
    [ "$3" = rw ] || mount -o remount,bind,ro "$R$2"
}
[ -z "$bun" ] || bind "$bun" /usr/local/bin/bun ro
bind "$dir/inside" /usr/local/lib/lab ro
ln -sf /usr/local/lib/lab/labnet "$R/usr/local/sbin/labnet"
for b in "$@"; do IFS=: read -r s d m <<<"$b"; bind "$s" "${d:-$s}" "${m:-ro}"; done

hostname lab                        # this UTS namespace only
ip link set lo up 2>/dev/null || true
printf '127.0.0.1 localhost lab\n::1 localhost\n' >"$R/etc/hosts"
cd "$R"
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i container=netevd-lab "PATH=$PATH" TERM=linux /lib/systemd/systemd --system "--unit=$target" --log-target=journal
