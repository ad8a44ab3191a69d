#!/bin/bash
# up.sh [--tether] - boot a lab: its own mount, pid, net, uts, ipc and cgroup namespaces with real systemd as PID 1.
# Needs root. Returns when every daemon of the lab is ready.
#   --tether  stay in the foreground instead; the lab goes down when stdin closes or this process ends. So it cannot
#             outlive the test run that holds the other end of stdin, however that run dies.
# Labs whose owner has vanished are swept first.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
tether=''
for a; do case $a in --tether) tether=1 ;; *) lab_die "unknown option $a" ;; esac; done
[ "$(id -u)" = 0 ] || lab_die "needs root"
t0=$(lab_now)
image=$("$LAB_DIR/image.sh")
t1=$(lab_now)
"$LAB_DIR/down.sh" --stale --quiet
lab_pid >/dev/null && lab_die "'$LAB_NAME' is already up (down.sh first)"
"$LAB_DIR/down.sh" --quiet                                # leftovers of a lab that died
bun=${LAB_BUN-$(readlink -f "$LAB_DIR/../../node_modules/@oven/bun-linux-$(uname -m | sed 's/x86_64/x64/')/bin/bun" || true)}
[ -z "$bun" ] || [ -x "$bun" ] || bun=
cgroot=$(lab_cgroup_root)
cg=$cgroot/netevd-lab.$LAB_NAME
mkdir -p "$LAB_ST"
lab_note "$LAB_ST/owner" $$
mkdir -p "$LAB_ST/mnt" "$cg"
echo "$cg" >"$LAB_ST/cgroup"
read -ra binds <<<"${LAB_BIND:-}"

# Order matters: first the new pid namespace, then (inside) join the cgroup, then the cgroup namespace, so that
# the lab's cgroup root is $cg and the waiting "unshare" parent stays out of it.
# shellcheck disable=SC2016  # expanded by the inner shell
setsid unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private -- \
    bash -c 'echo 0 >"$1/cgroup.procs" && shift && exec unshare --cgroup -- "$@"' lab "$cg" \
    bash "$LAB_DIR/init.sh" "$image" "$LAB_ST/mnt" "$LAB_TARGET" "$LAB_MEM" "$bun" "$LAB_DIR" ${binds[@]+"${binds[@]}"} \
    </dev/null >"$LAB_ST/log" 2>&1 &
outer=$!
fail() {
    printf 'lab: %s\n' "$1" >&2
    tail -30 "$LAB_ST/log" >&2
    "$LAB_DIR/run.sh" journalctl -b --no-pager -n 40 >&2 2>/dev/null || true
    "$LAB_DIR/down.sh" --quiet
    exit 1
}
pid=
for ((i = 0; i < 500; i++)); do
    pid=$(pgrep -P "$outer" | head -1) && [ -n "$pid" ] && break
    kill -0 "$outer" 2>/dev/null || fail "namespaces could not be made"
    sleep 0.01
done
[ -n "$pid" ] || fail "namespaces could not be made in time"
lab_note "$LAB_ST/pid" "$pid"

state=
for ((i = 0; i < 600; i++)); do
    kill -0 "$pid" 2>/dev/null || fail "PID 1 of the lab died"
    if [ -S "/proc/$pid/root/run/dbus/system_bus_socket" ]; then
        # "running"/"degraded" means: no start job is left
        state=$("$LAB_DIR/run.sh" systemctl is-system-running 2>/dev/null) || true
        case $state in running|degraded) break ;; esac
    fi
    sleep 0.02
done
[ "$state" = running ] || [ "$state" = degraded ] || fail "not ready: '$state'"
[ "$state" = running ] || "$LAB_DIR/run.sh" systemctl --failed --no-legend --plain >&2 || true
echo "lab '$LAB_NAME' up ($state): image $((t1 - t0)) ms, boot $(($(lab_now) - t1)) ms, host pid $pid"
if [ -z "$tether" ]; then
    rm "$LAB_ST/owner"
    exit 0
fi
# An interrupt from the terminal reaches the whole foreground group: the test run decides, by closing stdin.
trap '' INT
trap 'exit 143' TERM HUP
trap '"$LAB_DIR/down.sh" --quiet' EXIT
exec >&-
while read -r _; do :; done
