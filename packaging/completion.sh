#!/bin/sh
# completion.sh EXECUTABLE FOLDER - writes the shell completions that the program itself generates, for bash, zsh and fish.
set -eu
program=$1 folder=$2
mkdir -p "$folder"
"$program" completion bash >"$folder/netevd.bash"
"$program" completion zsh >"$folder/_netevd"
"$program" completion fish >"$folder/netevd.fish"
