#!/bin/sh
# private-root.sh CMD [ARG...] - run CMD as root of new user, network, mount, pid and UTS namespaces, on a root directory of
# its own: a tmpfs with the machine's programs bound into it read-only. /etc/netevd, /run, /tmp and /var are empty and
# private, and every directory on the way to them belongs to the namespace's root, as on a real machine.
# It has the users root and nobody. Needs no privilege; NETEVD_PRIVATE_ROOT=real goes without the user namespace, so that
# CMD can become other users, and needs root. The project's folder is at /netevd. Gone with CMD.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${NETEVD_PRIVATE_ROOT:-}" = real ]; then
  # By root, for what a user namespace cannot show: becoming another user.
  NETEVD_PRIVATE_ROOT=outer exec unshare -nmpfu --kill-child --mount-proc -- "$0" "$@"
fi
if [ "${NETEVD_PRIVATE_ROOT:-}" = "" ]; then
  unshare -Urnm true 2>/dev/null || {
    echo "netevd: this machine allows no private network (unshare -Urn fails: see kernel.unprivileged_userns_clone and user.max_user_namespaces)" >&2
    exit 1
  }
  NETEVD_PRIVATE_ROOT=outer exec unshare -Urnmpfu --kill-child --mount-proc -- "$0" "$@"
fi
root=$project/build/private-root
mkdir -p "$root" 2>/dev/null || root=$(mktemp -d)
mount -t tmpfs -o mode=755 netevd "$root"
cd "$root"
mkdir -p etc/netevd run tmp var/lib var/log proc sys dev usr netevd root
chmod 1777 tmp
for dir in /usr /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -L "$dir" ]; then
    ln -s "$(readlink "$dir")" ".$dir"
  elif [ -d "$dir" ]; then
    mkdir -p ".$dir"
    mount --rbind "$dir" ".$dir"
  fi
done
# Users of its own, so that none of the machine's has the name or the number that a test gives to one.
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
printf 'passwd: files\ngroup: files\nhosts: files\n' >etc/nsswitch.conf
for file in ld.so.cache alternatives iproute2 ssl chromium.d fonts; do
  [ ! -e "/etc/$file" ] || cp -RL "/etc/$file" etc/ 2>/dev/null || true
done
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount --rbind /proc proc
mount -t sysfs -o ro sysfs sys 2>/dev/null || mount --rbind /sys sys
mount --rbind "$project" netevd
ip link set lo up
hostname demo
export NETEVD_PRIVATE_ROOT=inner HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A shell stays as process 1: it reaps what others leave behind.
exec chroot . /bin/sh -c 'cd /; "$@"; exit $?' netevd "$@"
