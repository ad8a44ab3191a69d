#!/bin/bash
# selftest.sh - bring up a lab of its own, check every real part of it, measure, tear down.
set -euo pipefail
LAB_NAME=selftest.$$
here=$(cd "$(dirname "$0")" && pwd)
LAB_BIND="$here/../..:/opt/netevd:ro"
export LAB_NAME LAB_BIND
rc=0
"$here/up.sh"
trap '"$here/down.sh"' EXIT
"$here/run.sh" timeout 120 /usr/local/lib/lab/selftest || rc=1
echo "# latency"
"$here/run.sh" timeout 120 bun /usr/local/lib/lab/latency.ts nd0 20 || rc=1
exit $rc
