#!/bin/sh
# scripts/check-abi.sh [LIB] [BASELINE] - is the binary interface that of the committed baseline, and are the symbols and their versions
# those of debian/libift1.symbols? --baseline writes the baseline.
set -eu
check=check-abi
. "$(dirname "$0")/common.sh"
write=
if [ "${1:-}" = --baseline ]; then write=1; shift; fi
library=${1:-lib}/libift.so
baseline=${2:-tests/abi/libift.abi}
need abidiff abidw nm readelf

if ! readelf -S "$library" | grep -q '\.debug_info'; then
  echo "$check: $library has no debug information, which abidw reads: build it with -g" >&2
  exit 1
fi

# The interface without what belongs to the machine or the moment: paths, lines, versions of other libraries.
describe() {
  abidw --suppressions tests/abi/private.suppr --drop-private-types --exported-interfaces-only --drop-undefined-syms \
    --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --out-file "$1" "$library"
}
machine() { sed -n "s/^<abi-corpus.* architecture='\([^']*\)'.*/\1/p" "$1" | head -n 1; }

if [ -n "$write" ]; then
  describe "$baseline"
  echo "$baseline: $(grep -c '<function-decl .*elf-symbol-id' "$baseline") functions"
  exit 0
fi
if [ ! -s "$baseline" ]; then
  echo "$check: $baseline is missing: write it with 'make abi-baseline' and commit it" >&2
  exit 1
fi

scratch
describe "$work/new.abi"
if [ "$(machine "$baseline")" != "$(machine "$work/new.abi")" ]; then
  need "a baseline for $(machine "$work/new.abi") (this one is for $(machine "$baseline"))"
fi
status=0
abidiff "$baseline" "$work/new.abi" >"$work/report" 2>&1 || status=$?
if [ "$status" -eq 0 ]; then
  ok 'same interface'
else
  cat "$work/report" >&2
  # abidiff's exit status is a sum: 1, 2 it could not compare; 4 something changed; 8 old programs break for certain
  if [ $((status & 3)) -ne 0 ]; then
    bad "abidiff could not compare (exit status $status)"
  elif [ $((status & 8)) -ne 0 ]; then
    bad 'programs built with the earlier interface break'
  else
    bad "the interface has changed; if that is meant, run 'make abi-baseline' and say so in CHANGELOG.md"
  fi
fi

LC_ALL=C
export LC_ALL
sed -n 's/^ \(ift_[a-z0-9_]*@[A-Z0-9_.]*\) .*/\1/p' debian/libift1.symbols | sort >"$work/listed"
nm -D --defined-only --with-symbol-versions "$library" | awk '$2 != "A" { print $NF }' | sed 's/@@/@/' | sort >"$work/versions"
if [ -s "$work/versions" ] && diff "$work/listed" "$work/versions" >&2; then ok 'same versions of symbols'
else bad "$library has other symbols, or versions of them, than debian/libift1.symbols ('make abi-baseline')"; fi
finish
