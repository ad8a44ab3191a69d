#!/bin/sh
# flush-routing.sh EXECUTABLE - deletes the rules and routes that netevd has made, before netevd itself goes: afterwards
# nothing on the machine would. Without a program that can, iproute2 does it by netevd's protocol number.
set -u
program=$1
if "$program" routing --help 2>/dev/null | grep -q '^  flush '; then
  "$program" routing flush >/dev/null && exit 0
fi
command -v ip >/dev/null || exit 0
for family in -4 -6; do
  ip "$family" rule flush protocol 157 2>/dev/null
  ip "$family" route flush table all protocol 157 2>/dev/null
done
exit 0
