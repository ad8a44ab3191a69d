# shellcheck shell=bash
# Settings and small functions shared by the lab's scripts. Sourced, never run.
#
# Environment a caller may set:
#   LAB_NAME    name of this lab; several labs can be up at once            (default: default)
#   LAB_CACHE   where the Debian root filesystem is kept between runs       (default: /var/tmp/netevd-lab)
#   LAB_STATE   where each lab's state (pid, log) lives                     (default: /run/netevd-lab)
#   LAB_BIND    space separated SRC[:DST[:ro|rw]] host paths to show inside (default: none; ro)
#   LAB_BUN     bun executable to show inside as /usr/local/bin/bun         (default: the project's own)
#   LAB_TARGET  systemd unit to boot                                        (default: lab.target)
#   LAB_MEM     size limit of the tmpfs that takes every write              (default: 1g)

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_NAME=${LAB_NAME:-default}
LAB_CACHE=${LAB_CACHE:-/var/tmp/netevd-lab}
LAB_STATE=${LAB_STATE:-/run/netevd-lab}
LAB_TARGET=${LAB_TARGET:-lab.target}
LAB_MEM=${LAB_MEM:-1g}

lab_die() { printf 'lab: %s\n' "$*" >&2; exit 1; }
lab_now() { local t=${EPOCHREALTIME/[.,]/}; printf '%s' $((t / 1000)); }        # ms

[[ $LAB_NAME =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || lab_die "bad LAB_NAME: $LAB_NAME"
LAB_ST=$LAB_STATE/$LAB_NAME

# The cgroup v2 tree: /sys/fs/cgroup on a unified host, /sys/fs/cgroup/unified on a hybrid one.
# On a host with neither we mount one for ourselves below LAB_STATE (rare; v1-only hosts).
lab_cgroup_root() {
    if [ "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)" = cgroup2fs ]; then
        echo /sys/fs/cgroup
    elif [ "$(stat -fc %T /sys/fs/cgroup/unified 2>/dev/null)" = cgroup2fs ]; then
        echo /sys/fs/cgroup/unified
    else
        local d=$LAB_STATE/.cgroup2
        mkdir -p "$d"
        [ "$(stat -fc %T "$d")" = cgroup2fs ] || mount -t cgroup2 none "$d"
        echo "$d"
    fi
}

# A pid alone can be reused by the kernel; pid + start time cannot.
lab_starttime() {
    local s
    s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    s=${s##*) }
    read -ra s <<<"$s"
    echo "${s[19]}"
}

# Writes down process PID in FILE, at once: a lab that sweeps beside this one must not read half of it.
lab_note() { # FILE PID
    echo "$2 $(lab_starttime "$2")" >"$1.new"
    mv "$1.new" "$1"
}

# Whether the process written down in FILE ("pid starttime") lives; prints its pid.
lab_alive() {
    local pid st
    [ -r "$1" ] || return 1
    read -r pid st <"$1" || return 1
    [ "$(lab_starttime "$pid")" = "$st" ] || return 1
    echo "$pid"
}

# Prints the lab's PID 1 as seen from the host, or fails if the lab is not up.
lab_pid() { lab_alive "$LAB_ST/pid"; }
