#!/bin/bash
# run.sh CMD [ARG...] - run CMD inside the lab as root; stdin, stdout, stderr and the exit status pass through.
# LAB_ENV="A=1 B=2" adds environment; LAB_CWD sets the directory.
# If this process is killed, CMD gets SIGTERM (nsenter itself does not pass signals on): see setpriv below.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
pid=$(lab_pid) || lab_die "'$LAB_NAME' is not up"
[ $# -gt 0 ] || lab_die "usage: run.sh CMD [ARG...]"
cg=$(cat "$LAB_ST/cgroup")/lab.exec                      # beside systemd's own slices, inside the lab's cgroup
mkdir -p "$cg"
echo 0 >"$cg/cgroup.procs"
# shellcheck disable=SC2086  # LAB_ENV is a list of words
exec nsenter -t "$pid" -m -u -i -n -p -C -- env -i ${LAB_CWD:+-C "$LAB_CWD"} \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
    SYSTEMD_PAGER=cat ${LAB_ENV:-} setpriv --pdeathsig TERM -- "$@"
