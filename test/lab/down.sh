#!/bin/bash
# down.sh [--graceful] [--quiet] [--stale] - stop the lab. Killing its PID 1 makes the kernel kill every process of the
# pid namespace; mounts, links, netns and the tmpfs go with the namespaces. Safe to repeat.
#   --graceful  let systemd stop its units first
#   --stale     instead: stop every lab whose owner is gone (see up.sh --tether), and sweep what dead labs left behind
set -euo pipefail
. "$(dirname "$0")/lib.sh"
graceful='' quiet='' stale=''
for a; do
    case $a in
        --graceful) graceful=1 ;;
        --quiet) quiet=1 ;;
        --stale) stale=1 ;;
        *) lab_die "unknown option $a" ;;
    esac
done

if [ -n "$stale" ]; then
    for d in "$LAB_STATE"/*/; do
        d=${d%/}
        [ -e "$d/owner" ] || [ -e "$d/pid" ] || continue
        if [ -e "$d/owner" ]; then lab_alive "$d/owner" >/dev/null && continue
        else lab_alive "$d/pid" >/dev/null && continue; fi
        LAB_NAME=${d##*/} "$0" ${quiet:+--quiet} || true
    done
    exit 0
fi

t0=$(lab_now)
if pid=$(lab_pid); then
    if [ -n "$graceful" ]; then
        # commands still running through run.sh are not systemd's children; it would wait out a 10 s timeout for them
        cg=$(cat "$LAB_ST/cgroup")
        echo 1 2>/dev/null >"$cg/lab.exec/cgroup.kill" || true
        kill -s RTMIN+4 "$pid"                           # systemd(1): SIGRTMIN+4 = poweroff.target
        for ((i = 0; i < 1500; i++)); do [ -d "/proc/$pid" ] || break; sleep 0.01; done
    fi
    kill -KILL "$pid" 2>/dev/null || true
    for ((i = 0; i < 500; i++)); do [ -d "/proc/$pid" ] || break; sleep 0.01; done
fi
if [ -r "$LAB_ST/cgroup" ]; then
    cg=$(cat "$LAB_ST/cgroup")
    if [ -d "$cg" ]; then
        echo 1 >"$cg/cgroup.kill" 2>/dev/null || true    # only members of our own cgroup
        for ((i = 0; i < 100; i++)); do
            find "$cg" -depth -type d -exec rmdir {} + 2>/dev/null || true
            [ -d "$cg" ] || break
            sleep 0.01
        done
    fi
fi
rm -rf --one-file-system "$LAB_ST"
[ -n "$quiet" ] || echo "lab '$LAB_NAME' down in $(($(lab_now) - t0)) ms"
