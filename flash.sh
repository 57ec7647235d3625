#!/bin/sh
# Puts the alarm panel onto an ESP32: one command for everything. ./flash.sh --help lists the options,
# docs/flashing.md tells it step by step. What is not shell is in board/flash/.
set -eu

cd_to_project() {
  # Paths on the command line count from where it was typed, so the folder is only remembered.
  project=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
}

need_node() {
  if ! command -v node >/dev/null 2>&1; then
    echo "flash.sh: Node.js is not installed: install version 20.19 or newer from https://nodejs.org/" >&2
    exit 1
  fi
}

cd_to_project
need_node
node "$project/board/ensure.mjs" || exit 1

# Whatever happens, the terminal echoes again afterwards: codes are typed hidden.
if [ -t 0 ]; then
  settings=$(stty -g)
  trap 'stty "$settings"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
fi

node --import "file://$project/node_modules/tsx/dist/loader.mjs" "$project/board/flash/run.ts" "$@"
