#!/bin/sh
# Runs the addon under AddressSanitizer with LeakSanitizer and UndefinedBehaviorSanitizer, under valgrind, and in both
# runtimes without either; in Node, which can be preloaded and needs no suppression. First each checker must catch bugs
# planted for it (planted.c). Ends with a line of totals; what cannot run here is named and counted as skipped.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/test
mkdir -p "$out"
cc=${CC:-gcc}
passed=0 failed=0 skipped=0
flags='-std=gnu11 -g -O1 -Wall -Wextra -fPIC -pthread -fno-omit-frame-pointer -shared -isystem node_modules/node-api-headers/include'
sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=undefined'

pass() { passed=$((passed + 1)) && echo "passed  $1"; }
fail() { failed=$((failed + 1)) && echo "FAILED  $1" && sed 's/^/        /' "$out/log"; }
skip() { skipped=$((skipped + 1)) && echo "skipped $1: $2"; }
# expect good|bad NAME COMMAND...: the command must succeed, or must end with 99, the exit code of the checkers.
expect() {
  kind=$1 name=$2
  shift 2
  timeout 240 "$@" >"$out/log" 2>&1 </dev/null
  status=$?
  if [ "$kind" = good ] && [ $status -eq 0 ]; then pass "$name"
  elif [ "$kind" = bad ] && [ $status -eq 99 ]; then pass "$name"
  else echo "status $status" >>"$out/log" && fail "$name"; fi
}
make -s -f native/build.mk build/netevd.node native-test-programs || exit 1
# shellcheck disable=SC2086 # the flags are words
$cc $flags $sanitizers -o $out/netevd-sanitized.node native/*.c &&
  $cc $flags -o $out/netevd-debug.node native/*.c &&
  $cc $flags -w $sanitizers -o $out/planted-sanitized.node native/test/planted.c &&
  $cc $flags -w -o $out/planted-debug.node native/test/planted.c || exit 1

exercise=native/test/exercise.mjs
trigger='const m = { exports: {} }; process.dlopen(m, process.argv[1]); m.exports[process.argv[2]]();'
bun=$(tools/bun.sh) || exit 1
node=$(command -v node)
libasan=$($cc -print-file-name=libasan.so)
sanitized="env LD_PRELOAD=$libasan:$($cc -print-file-name=libubsan.so)
  ASAN_OPTIONS=detect_leaks=1:handle_segv=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1:exitcode=99"
checked='env NETEVD_VALGRIND=1 valgrind --quiet --leak-check=full --show-leak-kinds=definite
  --errors-for-leak-kinds=definite --error-exitcode=99 --num-callers=20'

# A network of its own, where links and addresses can be made: with a user namespace, or as root without one.
private='ip link set lo up && exec "$@"'
if unshare -Urn true 2>/dev/null; then inside="unshare -Urn sh -c"; else inside=; fi
if unshare -n true 2>/dev/null; then as_root="unshare -n sh -c"; else as_root=; fi

# shellcheck disable=SC2086
exercise() { # NAME CHECKER RUNTIME ADDON ROUNDS
  if [ -z "$inside" ]; then skip "$1" "no user namespaces here"
  else expect good "$1" $inside "$private" sh $2 $3 $exercise "$4" "$5"; fi
}
# shellcheck disable=SC2086
exercise_drop() { # NAME CHECKER RUNTIME ADDON
  if [ -z "$as_root" ]; then skip "$1" "needs root"
  else expect good "$1" $as_root "$private" sh $2 $3 $exercise "$4" 1 drop; fi
}

exercise 'Bun, as it is built' 'env' "$bun" "$PWD/build/netevd.node" 10
exercise_drop 'Bun, as root, becoming nobody' 'env' "$bun" "$PWD/build/netevd.node"
if [ -z "$node" ]; then
  skip 'Node' 'node is missing'
else
  exercise 'Node, as it is built' 'env' "$node" "$PWD/build/netevd.node" 5
fi

# shellcheck disable=SC2086
if [ -z "$node" ] || [ ! -e "$libasan" ]; then
  skip 'sanitizers' 'node or libasan is missing'
else
  for kind in overflow useAfterFree leak undefined; do
    expect bad "sanitizers detect a planted bug: $kind" $sanitized "$node" -e "$trigger" $PWD/$out/planted-sanitized.node $kind
  done
  exercise 'sanitizers' "$sanitized" "$node" "$PWD/$out/netevd-sanitized.node" 4
  exercise_drop 'sanitizers, as root, becoming nobody' "$sanitized" "$node" "$PWD/$out/netevd-sanitized.node"
fi

# shellcheck disable=SC2086
if [ -z "$node" ] || ! command -v valgrind >/dev/null; then
  skip 'valgrind' 'node or valgrind is missing'
else
  for kind in overflow useAfterFree leak; do
    expect bad "valgrind detects a planted bug: $kind" $checked "$node" --jitless -e "$trigger" $PWD/$out/planted-debug.node $kind
  done
  exercise 'valgrind' "$checked" "$node --jitless" "$PWD/$out/netevd-debug.node" 1
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
