#!/bin/sh
# scripts/docs.sh [FOLDER] - makes the reference: options.md and kinds.md from the library's catalogue, functions.md from the headers.
# FOLDER is docs/reference unless told otherwise. `make docs` builds the library first. Environment: LIB (lib), CC (cc).
set -eu
cd "$(dirname "$0")/.."
folder=${1:-docs/reference}
lib=${LIB:-lib}
work=$(mktemp -d "${TMPDIR:-/tmp}/docs.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$folder"

${CC:-cc} -std=c11 -Wall -Wextra -Werror -Iinclude scripts/reference.c -L"$lib" -lift -o "$work/reference"
for page in options kinds; do
  LD_LIBRARY_PATH=$lib "$work/reference" "$page" >"$work/$page.md"
done

# The headers in the order of the umbrella header.
headers=$(sed -n 's|^#include <\(ift/[a-z_]*\.h\)>|include/\1|p' include/ift.h)
# shellcheck disable=SC2086 # a list of files
LC_ALL=C awk -f scripts/functions.awk $headers | LC_ALL=C awk -F '\t' '
  function markdown(text) { gsub(/[|*<]/, "\\\\&", text); return text }
  BEGIN {
    print "<!-- made by scripts/docs.sh -->\n# Functions\n"
    print "Every public function with the first sentence of its comment. The comments themselves, in the headers, say what each"
    print "argument may be and which errors there are; the rules that hold for all functions are at the top of"
    print "[ift.h](../../include/ift.h)."
  }
  $1 != before {
    printf "\n## %s\n\n%s: [%s](../../include/%s)\n\n| function | what |\n|---|---|\n", $1, toupper(substr($2, 1, 1)) substr($2, 2), $1, $1
    before = $1
  }
  {
    count = split($3, names, " ")
    text = $4
    if (count == 1 && names[1] ~ /_destroy$/) {
      noun = names[1]
      sub(/^ift_/, "", noun)
      sub(/_destroy$/, "", noun)
      if (text !~ /^Gives/) text = "Gives the " noun " up; NULL does nothing." (text == "" ? "" : " ") text
    }
    for (i = 1; i <= count; i++) printf "%s`%s`", i == 1 ? "| " : ", ", names[i]
    printf " | %s |\n", markdown(text)
  }' >"$work/functions.md"

for page in options kinds functions; do
  cmp -s "$work/$page.md" "$folder/$page.md" || cp "$work/$page.md" "$folder/$page.md"
done
