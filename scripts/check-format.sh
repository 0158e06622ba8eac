#!/bin/sh
# scripts/check-format.sh - clang-format would change nothing.
set -eu
check=check-format
. "$(dirname "$0")/common.sh"
need clang-format
for file in $(find include src tests examples -name '*.[ch]' -o -name '*.hpp' -o -name '*.cpp' 2>/dev/null | LC_ALL=C sort); do
  if clang-format --dry-run -Werror "$file" >/dev/null 2>&1; then ok "$file"; else bad "$file: run clang-format -i"; fi
done
finish
