#!/bin/sh
# make demo: a private network, netevd with the sample configuration and the sample hooks, and a few things that happen to
# networks. Changes nothing on this machine and needs no root. Ends by itself.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${NETEVD_PRIVATE_ROOT:-}" = "" ]; then
  command -v ip >/dev/null || { echo 'netevd: make demo needs ip(8): install iproute2' >&2; exit 1; }
  exec "$here/../namespace/private-root.sh" env TERM="${TERM:-dumb}" NO_COLOR="${NO_COLOR:-}" /netevd/test/demo/demo.sh
fi

if [ -t 1 ] && [ "$NO_COLOR" = "" ]; then bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m'); else bold='' dim='' plain=''; fi
pace=${DEMO_PACE:-0.7}
step() { # TITLE COMMAND...
  printf '\n%s▸ %s%s\n' "$bold" "$1" "$plain"
  shift
  for command in "$@"; do
    printf '%s  $ %s%s\n' "$dim" "$command" "$plain"
    sh -c "$command"
  done
  sleep "$pace"
}

# The sample configuration as it is shipped, but for one line: this private network has a single user.
sed 's/^\( *\)#* *user: .*/\1user: root/' /netevd/examples/netevd.yaml >/etc/netevd/netevd.yaml
hook() { # DIRECTORY NAME: a sample hook, or the script on stdin where there is no such sample
  mkdir -p "/etc/netevd/$1"
  if [ -e "/netevd/examples/hooks/$2" ]; then
    cp "/netevd/examples/hooks/$2" "/etc/netevd/$1/$2"
  else
    cat >"/etc/netevd/$1/$2"
  fi
  chmod "${3:-755}" "/etc/netevd/$1/$2"
}
for dir in link-added carrier no-carrier routable configured address-added address-removed routes mtu link-removed; do
  hook "$dir.d" 00-tell
done
if command -v jq >/dev/null; then hook routes.d 50-routes-json; fi
printf '#!/bin/sh\necho "the alarm server does not answer" >&2\nexit 7\n' | hook no-carrier.d 60-fails
printf '#!/bin/sh\necho "anybody could have written this"\n' | hook no-carrier.d 70-anybody 777
# The package and the unit make it on a real machine.
mkdir /var/lib/netevd
ip netns add switch

printf '%snetevd in a private network%s: the links below exist only here.\n' "$bold" "$plain"
/netevd/build/netevd &
daemon=$!
trap 'kill $daemon 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -e /run/netevd/journal ] && break; kill -0 $daemon || exit 1; sleep 0.05; done
sleep "$pace"

step 'A network card appears, and somebody plugs in the cable.' \
  'ip link add eth0 type veth peer name port1 netns switch' \
  'ip link set eth0 up' \
  'ip -n switch link set port1 up'
step 'It gets an address and a default route.' \
  'ip addr add 192.0.2.10/24 dev eth0' \
  'ip route add default via 192.0.2.1 dev eth0'
step 'Ten addresses come in a burst: one event tells of all of them.' \
  'for i in $(seq 20 29); do ip addr add 192.0.2.$i/24 dev eth0; done'
step 'Somebody pulls the cable. One hook fails, one is refused; the others run.' \
  'ip -n switch link set port1 down'
step 'And puts it back.' 'ip -n switch link set port1 up'
step 'The MTU changes, and the addresses go.' \
  'ip link set eth0 mtu 1400' \
  'ip addr flush dev eth0 scope global'
step 'The card is taken out.' 'ip link del eth0'

printf '\n%s▸ netevd is told to stop.%s\n' "$bold" "$plain"
kill $daemon
wait $daemon && status=0 || status=$?
trap - EXIT
printf '\n%sWhat 00-tell wrote, a line for each event: number, link, event, state.%s\n' "$bold" "$plain"
cat /run/netevd/events.txt
printf '\n%s%s events; netevd ended with exit code %s.%s\n' "$bold" "$(wc -l </run/netevd/events.txt)" "$status" "$plain"
exit "$status"
