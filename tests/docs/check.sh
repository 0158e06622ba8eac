#!/bin/sh
# tests/docs/check.sh [--update] - do the documents say what is so?
#
#   - every exported function has a comment in its header; docs/reference and docs/man/ift.1 are what scripts/docs.sh makes;
#     doxygen, where it is installed, has no complaint about the headers
#   - blocks of code in README.md, CONTRIBUTING.md and docs/*.md:
#       ```c        a program (it has a main), or a fragment, which is put into tests/docs/fragment.c: compiles without a warning against
#                   an installed library, and runs, with examples/data/faithful.csv as its argument; or a source of the library (it
#                   includes "room/file.h"): compiles
#       ```cpp      a program in C++17: the same
#       ```sh run   runs, the commands of one document in order and in one folder, with the installed command and compiler flags
#       ```output   what the block before it prints; see compare.awk. --update writes what came out where it differs
#   - links, targets of make, functions, status codes and files of the tree that a document names are there
#   - what has to be complete is: statuses in docs/errors.md, rooms in docs/rooms.md, geometries in docs/guide.md
#   - spelling is American
#
# Called by `make check-docs` with the library and the command built. Environment: MAKE, BUILD, LIB, CC.
set -eu
cd "$(dirname "$0")/../.."
check=check-docs
. scripts/common.sh
need pkg-config groff
scratch
LC_ALL=C
export LC_ALL
update=
[ "${1:-}" != --update ] || update=1
root=$PWD
documents=$(find . -name '*.md' -not -path './build/*' -not -path './.git/*' | sed 's|^\./||' | sort)
with_code=$(ls README.md CONTRIBUTING.md docs/*.md)
strict='-std=c11 -Wall -Wextra -Wpedantic -Werror'

## What the headers and the reference have

functions_of_headers() { awk -f scripts/functions.awk include/ift/*.h; }
functions_of_headers | cut -f 3 | tr ' ' '\n' | sort -u >"$work/public"
# What is created is destroyed: rule 4 of ift.h says it for all nouns.
functions_of_headers | awk -F '\t' '$4 != "" || $3 ~ /^ift_[a-z]+_destroy$/ { print $3 }' | tr ' ' '\n' | sort -u >"$work/documented"
for name in $(sed -n 's/^ *\(ift_[a-z0-9_]*\);.*/\1/p' src/libift.map); do
  if grep -qx "$name" "$work/documented"; then ok "$name has a comment"; else bad "$name, which src/libift.map exports, has no comment in include/ift"; fi
done

if sh scripts/docs.sh "$work/docs"; then ok 'the reference can be made'; else bad 'scripts/docs.sh fails'; fi
for page in "$work"/docs/*/*; do
  name=${page#"$work/"}
  if cmp -s "$page" "$name"; then ok "$name is in step"; else bad "$name is not what scripts/docs.sh makes: run 'make docs'"; fi
done

if command -v doxygen >/dev/null; then
  if ${MAKE:-make} --no-print-directory docs-html HTML="$work/html" >"$work/doxygen.log" 2>&1 && grep -q 'A flow of' "$work/html/flow_8h.html"; then
    ok 'docs-html'
  else
    bad 'make docs-html:'
    cat "$work/doxygen.log" >&2
  fi
elif [ "${CI:-}" = true ]; then
  bad "doxygen is missing: run 'make deps-dev'"
else
  echo "$check: docs-html is skipped, doxygen is missing ('make deps-dev' installs it)"
fi

## A folder that is to a program what an installed library is

${MAKE:-make} --no-print-directory install BUILD="${BUILD:-build}" LIB="${LIB:-lib}" DESTDIR= PREFIX="$work/usr" LIBDIR="$work/usr/lib" \
  >"$work/install.log" 2>&1 || { cat "$work/install.log" >&2; bad 'make install'; finish; }
export PATH="$work/usr/bin:$PATH" PKG_CONFIG_PATH="$work/usr/lib/pkgconfig" LD_LIBRARY_PATH="$work/usr/lib"

## Blocks

# run FILE COMMAND...: what it prints goes to FILE; a failure is told
run() {
  out=$1
  shift
  (cd "$folder/run" && exec timeout 120 "$@") >"$out" 2>&1 </dev/null
}

compile_and_run() {
  body=$1
  if [ "$info" = cpp ]; then
    cp "$body" "$body.cpp"
    # shellcheck disable=SC2046 # words of pkg-config
    ${CXX:-c++} -std=c++17 -Wall -Wextra -Wpedantic -Werror "$body.cpp" $(pkg-config --cflags --libs ift) -o "$body.program" >"$body.log" 2>&1 ||
      { bad "$where does not compile:"; cat "$body.log" >&2; return; }
    if run "$body.came" "$body.program" examples/data/faithful.csv; then ok "$where"; else bad "$where fails:"; cat "$body.came" >&2; fi
    return
  fi
  if grep -q '^#include "[a-z]*/' "$body"; then compile_internal "$body"; return; fi
  # shellcheck disable=SC2046,SC2086 # words of pkg-config
  if grep -q '\bmain(' "$body"; then
    cp "$body" "$body.c"
    ${CC:-cc} $strict -O2 -pthread "$body.c" $(pkg-config --cflags --libs ift) -lm -o "$body.program" >"$body.log" 2>&1
  else
    ${CC:-cc} $strict -O2 -pthread -DFRAGMENT="\"$body\"" tests/docs/fragment.c $(pkg-config --cflags --libs ift) -lm -o "$body.program" >"$body.log" 2>&1
  fi || { bad "$where does not compile:"; cat "$body.log" >&2; return; }
  if run "$body.came" "$body.program" examples/data/faithful.csv; then ok "$where"; else bad "$where fails:"; cat "$body.came" >&2; fi
}

# A source of the library. A kernel is put into the table of kinds of a copy and tried.
compile_internal() {
  cp "$1" "$1.c"
  flags="$strict -Wconversion -Wshadow -Wstrict-prototypes -D_XOPEN_SOURCE=700"
  # shellcheck disable=SC2046,SC2086
  ${CC:-cc} $flags -Isrc -Iinclude -c "$1.c" -o "$1.o" >"$1.log" 2>&1 || { bad "$where does not compile:"; cat "$1.log" >&2; return; }
  ok "$where"
  kind=$(sed -n 's/^const ift_kernel_kind ift_kernel_kind_\([a-z0-9]*\) = {.*/\1/p' "$1")
  [ -n "$kind" ] || return 0
  mkdir -p "$folder/kinds/kernel"
  { cat src/kernel/kinds.def; echo "KIND($kind)"; } >"$folder/kinds/kernel/kinds.def"
  # shellcheck disable=SC2046,SC2086
  if ${CC:-cc} -std=c11 -D_XOPEN_SOURCE=700 -I"$folder/kinds" -Isrc -Iinclude tests/docs/kernel.c src/kernel/kernel.c "$1.o" \
    "$work/usr/lib/libift.a" $(pkg-config --static --libs openblas gsl) -lm -ldl -pthread -o "$1.program" &&
    "$1.program" "$kind" "$kind:2" >&2; then ok "$where, kernel $kind"; else bad "$where: kernel $kind does not work"; fi
}

# compare_output SAID CAME
compare_output() {
  if [ ! -f "$2" ]; then bad "$where is not preceded by a block that runs"; return; fi
  if awk -f tests/docs/compare.awk "$1" "$2" >"$work/difference"; then ok "$where"; return; fi
  if [ -n "$update" ] && ! grep -qx '\.\.\.' "$1"; then
    cp "$2" "$1.new"
    echo "$check: $where is brought up to date"
    ok "$where"
  else
    bad "$where is not what comes out:"
    cat "$work/difference" >&2
  fi
}

for document in $with_code; do
  folder=$work/$(echo "$document" | tr '/.' '--')
  mkdir -p "$folder/run"
  ln -s "$root/examples" "$folder/run/examples"
  awk -v folder="$folder" -f tests/docs/blocks.awk "$document" >"$folder/index" || bad "$document: a block is not closed"
  before=none
  while read -r number line info; do
    where="$document:$line"
    case $info in
      c | cpp)
        compile_and_run "$folder/$number"
        before=$number
        ;;
      'sh run')
        if run "$folder/$number.came" sh "$folder/$number"; then ok "$where"; else bad "$where fails:"; cat "$folder/$number.came" >&2; fi
        before=$number
        ;;
      'sh run fails')
        if run "$folder/$number.came" sh "$folder/$number"; then bad "$where should fail"; else ok "$where"; fi
        before=$number
        ;;
      output)
        compare_output "$folder/$number" "$folder/$before.came"
        before=none
        ;;
      sh | text | cmake) before=none ;;
      *) bad "$where: a block of kind '$info'; there are c, cpp, sh, sh run, sh run fails, output, text and cmake" ;;
    esac
  done <"$folder/index"
  if ls "$folder"/*.new >/dev/null 2>&1; then
    awk -v folder="$folder" -f tests/docs/replace.awk "$document" >"$folder/updated"
    cp "$folder/updated" "$document"
  fi
done

## Manual pages

for page in docs/man/*; do
  if groff -man -ww -z -Tutf8 "$page" 2>"$work/groff" && [ ! -s "$work/groff" ]; then ok "$page"; else bad "$page: $(head -n 3 "$work/groff")"; fi
done
sed 's/\\-/-/g; s/\\e/\\/g' docs/man/libift.3 >"$work/libift.3"
where='docs/man/libift.3, EXAMPLE' info=c
sed -n '/^\.EX$/,/^\.EE$/p' "$work/libift.3" | grep -v '^\.E' >"$work/example"
mkdir -p "$work/man"
# shellcheck disable=SC2046,SC2086
if ${CC:-cc} $strict -x c "$work/example" $(pkg-config --cflags --libs ift) -o "$work/man/example"; then ok "$where"; else bad "$where does not compile"; fi
sed -n 's/^ *\(IFT_[A-Z_]*\) = \(-\{0,1\}[0-9]*\),.*/\1 ", \2"/p' include/ift/context.h >"$work/numbers"
while read -r status; do
  if grep -qxF ".BR $status" "$work/libift.3"; then ok "libift.3: $status"; else bad "docs/man/libift.3 lacks $status"; fi
done <"$work/numbers"
for header in include/ift/*.h; do
  if grep -qF "${header#include/}" "$work/libift.3"; then ok "libift.3: $header"; else bad "docs/man/libift.3 lacks $header"; fi
done

# The README's programs are files too.
for language in c cpp; do
  awk -v start="\`\`\`$language" '/^```/ { if (inside) exit; inside = $0 == start; next } inside' README.md >"$work/quickstart.$language"
  if cmp -s "$work/quickstart.$language" examples/quickstart.$language; then ok "examples/quickstart.$language"
  else bad "examples/quickstart.$language is not the program in README.md"; fi
done

## Names

{ sed -n 's/^\([a-z][a-z -]*\):.*/\1/p' Makefile scripts/packaging.mk | tr ' ' '\n'; } | sort -u >"$work/targets"
sed -n 's/^ *\(IFT_[A-Z_]*\) = .*/\1/p' include/ift/context.h | sort -u >"$work/statuses"
# Types and fields of callbacks are names too; contributors read of the inside as well.
grep -oh '\bift_[a-z0-9_]*' include/ift.h include/ift/*.h | sort -u >"$work/public-names"
grep -oh '\bift_[a-z0-9_]*' src/*/*.[ch] include/ift.h include/ift/*.h | sort -u >"$work/all-names"
contributors='CONTRIBUTING.md docs/adding-a-kind.md docs/rooms.md docs/building.md CHANGELOG.md'

check_links() {
  for link in $(grep -o ']([^)]*)' "$1" | sed 's/^](//; s/)$//; s/ .*//' | grep -v -E '^$|^[a-z]+:'); do
    file=${link%%#*}
    target=$(dirname "$1")/$file
    [ -n "$file" ] || target=$1
    if [ ! -e "$target" ]; then bad "$1 links to $link, which is not there"; continue; fi
    case $link in
      *.md#* | \#*)
        # a heading's anchor: lower case, spaces to dashes, punctuation dropped
        if sed -n 's/^##* //p' "$target" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g' | grep -qx -e "${link#*#}"; then
          ok "$1: $link"; else bad "$1 links to $link: there is no such heading"; fi ;;
      *) ok "$1: $link" ;;
    esac
  done
}

# judge DOCUMENT WHAT FOUND KNOWN: every line of FOUND has to be one of KNOWN
judge() {
  sort -u "$3" >"$3.sorted"
  comm -23 "$3.sorted" "$4" >"$work/unknown"
  passed=$((passed + $(wc -l <"$3.sorted") - $(wc -l <"$work/unknown")))
  while read -r name; do bad "$1 names $2 $name, which there is not"; done <"$work/unknown"
}

# What bindings beside a document define by names like those of the library.
ffi_names() { sed -n 's/^\(ift_[a-z0-9_]*\) <- .*/\1/p' "$(dirname "$1")"/*/*.R 2>/dev/null || true; }

check_names() {
  names=$work/public-names
  case " $contributors " in *" $1 "*) names=$work/all-names ;; esac
  # ift_measure_* stands for names that begin so; what a document defines itself is there; ift_x_ names are on trial; CMake knows
  # ift::ift_static
  { cat "$names"; echo ift_static; sed -n 's/^const ift_[a-z_]* \(ift_[a-z0-9_]*\) = {$/\1/p' "$1"; ffi_names "$1"; } | sort -u >"$work/known"
  grep -o -E '\bift_[a-z0-9_]+\*?' "$1" | grep -v '^ift_x_' >"$work/found" || true
  for name in $(grep -E '(_|\*)$' "$work/found"); do
    if grep -q "^${name%\*}" "$names"; then echo "$name" >>"$work/known"; fi
  done
  sort -u -o "$work/known" "$work/known"
  judge "$1" function "$work/found" "$work/known"
  grep -o -E '\bIFT_(ERR_[A-Z_]+[A-Z]|OK|CONVERGED|STOPPED|STALLED)\b' "$1" >"$work/found" || true
  judge "$1" status "$work/found" "$work/statuses"
  grep -o -E '(`|^ *(sudo )?)make( [a-z-]+)+' "$1" | sed 's/.*make //' | tr ' ' '\n' >"$work/found" || true
  judge "$1" target "$work/found" "$work/targets"
  # `src/kernel/gaussian.c`, `tests/oracle`; a star stands for many
  grep -o -E '`(\.ci|docs|examples|include|lib|pkgconfig|scripts|src|tests)/[a-z0-9_./*-]*`' "$1" | tr -d '`' >"$work/found" || true
  # shellcheck disable=SC2046,SC2086 # patterns
  for file in $(cat "$work/found"); do if ls -d $file >/dev/null 2>&1; then echo "$file"; fi; done | sort -u >"$work/known"
  judge "$1" file "$work/found" "$work/known"
}

for document in $documents; do
  check_links "$document"
  check_names "$document"
done
check_names docs/man/libift.3

## Completeness

for status in $(grep -v STATUS_INT "$work/statuses"); do
  if grep -q "\`$status\`" docs/errors.md; then ok "docs/errors.md: $status"; else bad "docs/errors.md does not say what $status is"; fi
done
for geometry in $(sed -n 's/^GEOMETRY("\([a-z-]*\)".*/\1/p' src/flow/geometries.def); do
  if grep -q "^| \`$geometry\` |" docs/guide.md; then ok "docs/guide.md: $geometry"; else bad "docs/guide.md has no line for the geometry $geometry"; fi
done
order=$(sed -n "s/^rooms='\(.*\)'/\1/p" scripts/check-rooms.sh)
told=$(sed -n 's/^| `\([a-z]*\)` |.*/\1/p' docs/rooms.md | tr '\n' ' ')
if [ "$order " = "$told" ]; then ok 'docs/rooms.md has the rooms in order'; else bad "docs/rooms.md has the rooms $told; scripts/check-rooms.sh has $order"; fi

## Spelling

british="\\b($(tr '\n' '|' <tests/docs/spelling.txt | sed 's/|$//'))\\b"
# shellcheck disable=SC2086 # a list of files
if grep -rniE "$british" $documents docs/man include src examples scripts >"$work/spelling"; then
  while read -r line; do bad "British spelling: $line"; done <"$work/spelling"
else
  ok 'spelling'
fi
finish
