#!/bin/sh
# scripts/check-docs.sh - what the documents name is there: files that they link to, targets of make, functions, files of the tree.
set -eu
check=check-docs
. "$(dirname "$0")/common.sh"
scratch
documents=$(find . -name '*.md' -not -path './build/*' -not -path './.git/*' | sed 's|^\./||' | LC_ALL=C sort)

{ sed -n 's/^\([a-z][a-z -]*\):.*/\1/p' Makefile | tr ' ' '\n'; } | sort -u >"$work/targets"
grep -o '\bift_[a-z0-9_]*' -h include/ift.h include/ift/*.h | sort -u >"$work/names"

for document in $documents; do
  folder=$(dirname "$document")
  # [text](target), but not http:, mailto: and #here
  for link in $(grep -o ']([^)]*)' "$document" | sed 's/^](//; s/)$//; s/#.*//; s/ .*//' | grep -v -E '^$|^[a-z]+:'); do
    if [ -e "$folder/$link" ]; then ok "$document: $link"; else bad "$document links to $link, which is not there"; fi
  done
  # `make a b`
  for target in $(grep -o -E '(`|^ *(\$ )?)make( [a-z-]+)+' "$document" | sed 's/.*make//'); do
    if grep -qx -e "$target" "$work/targets"; then ok "$document: make $target"; else bad "$document says 'make $target', which is no target"; fi
  done
  # `ift_measure_create`, also with its arguments; ift_measure_* stands for names that begin so
  for name in $(grep -o -E '\bift_[a-z0-9_]+\*?' "$document" | sort -u); do
    case $name in
      *_\* | *_) found=$(grep -c "^${name%\*}" "$work/names" || true) ;;
      *) found=$(grep -cx "$name" "$work/names" || true) ;;
    esac
    if [ "$found" -gt 0 ]; then ok "$document: $name"; else bad "$document names $name, which no public header has"; fi
  done
done
finish
