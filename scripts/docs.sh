#!/bin/sh
# scripts/docs.sh [FOLDER] - makes what is generated in FOLDER (docs): in reference/ options.md and kinds.md from the library's
# catalogue, functions.md from the headers; man/ift.1 from the help texts of the command. `make docs` builds both first.
# Environment: LIB (lib), BUILD (build), CC (cc).
set -eu
cd "$(dirname "$0")/.."
folder=${1:-docs}
lib=${LIB:-lib}
work=$(mktemp -d "${TMPDIR:-/tmp}/docs.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$folder/reference" "$folder/man" "$work/reference" "$work/man"

${CC:-cc} -std=c11 -Wall -Wextra -Werror -Iinclude scripts/reference.c -L"$lib" -lift -o "$work/list"
for page in options kinds; do
  LD_LIBRARY_PATH=$lib "$work/list" "$page" >"$work/reference/$page.md"
done

ift=${BUILD:-build}/ift
{
  "$ift" --help
  for command in $("$ift" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    echo "=== $command"
    "$ift" "$command" --help
  done
} | LC_ALL=C awk -v version="$("$ift" --version | sed 's/^ift //')" -v date="$(sed -n 's/^## \[[0-9.]*\] - //p' CHANGELOG.md | head -n 1)" \
  -f scripts/man.awk >"$work/man/ift.1"

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
  }' >"$work/reference/functions.md"

for page in reference/options.md reference/kinds.md reference/functions.md man/ift.1; do
  cmp -s "$work/$page" "$folder/$page" || cp "$work/$page" "$folder/$page"
done
