#!/usr/bin/env bash
# Writes docs/COMMANDS.md: what every command says of itself. `--print` shows it instead.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in
--print | '') ;;
*) die "usage: scripts/commands.sh [--print]" ;;
esac
need_rust
page=$(cargo run "${locked[@]}" --quiet --package poterne --bin poterne -- reference)
case "${1:-}" in
--print) say "$page" ;;
*) say "$page" >docs/COMMANDS.md.new && mv docs/COMMANDS.md.new docs/COMMANDS.md ;;
esac
