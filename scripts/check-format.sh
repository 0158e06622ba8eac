#!/bin/sh
# scripts/check-format.sh - clang-format would change nothing.
set -eu
check=check-format
. "$(dirname "$0")/common.sh"
need clang-format
scratch
find include src tests examples -name '*.[ch]' -o -name '*.hpp' -o -name '*.cpp' 2>/dev/null | LC_ALL=C sort >"${work:?}/files"
# many files a process, for most of its time goes into its start; it names those that it would change
xargs -n 25 -P "${TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}" clang-format --dry-run -Werror <"$work/files" >"$work/said" 2>&1 || true
while IFS= read -r file; do
  if grep -q "^$file:" "$work/said"; then bad "$file: run clang-format -i"; else ok "$file"; fi
done <"$work/files"
if [ "$failed" -eq 0 ] && [ -s "$work/said" ]; then bad "$(head -n 1 "$work/said")"; fi
finish
