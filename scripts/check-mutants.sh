#!/bin/sh
# scripts/check-mutants.sh [NAME...] - do the tests notice when a line of the library is wrong?
#
# tests/mutants/list has the mutations: what is changed in a file of src/, and which test programs have to fail then. All of them (or
# those named) are tried in copies of the tree, as many at a time as there are cores (TEST_JOBS). A mutation is caught if the library
# builds and each of its programs fails. One whose text is not exactly once in its file, or which does not compile, is a failure of
# the list. Before the first mutation and after the last all programs have to pass: else a failure would prove nothing.
# Environment: MAKE; MUTANTS (another list); MUTANTS_SHARE (K/N: every N-th of them from the K-th on, 0 the first; all lines of the
# list are looked at nevertheless).
set -u
check='check-mutants'
. "$(dirname "$0")/common.sh"
# Words on the command line, BUILD=... among them, reach this make through MAKEFLAGS: each copy has its own folders nevertheless. Quick
# to build counts more than quick to run, and a mutant may leave a variable unused.
make="${MAKE:-make} --no-print-directory -s BUILD=build LIB=lib CFLAGS=-O1 WERROR=0"

# parse LINE: sets name, file, text, new and tests; fails where there are fewer fields, or more.
parse() {
  rest=$1 count=1
  name=${rest%%" | "*} && next
  file=${rest%%" | "*} && next
  text=${rest%%" | "*} && next
  new=${rest%%" | "*} && next
  tests=$rest
  case $rest in *" | "*) return 1 ;; esac
  [ "$count" -eq 5 ]
}
next() {
  case $rest in *" | "*) count=$((count + 1)) rest=${rest#*" | "} ;; esac
}

# tests_of LIST: every program that it names, once.
tests_of() {
  while IFS= read -r line; do
    parse "$line"
    echo "$tests"
  done <"$1" | tr -s ' ' '\n' | sort -u | tr '\n' ' '
}

# replace FILE TEXT REPLACEMENT: the file with the text (no pattern) replaced, to stdout; fails unless it is there exactly once.
replace() {
  TEXT=$2 REPLACEMENT=$3 awk '
    BEGIN { text = ENVIRON["TEXT"] }
    { line = $0; done = ""
      while (text != "" && (at = index(line, text)) > 0) {
        found++
        done = done substr(line, 1, at - 1) ENVIRON["REPLACEMENT"]
        line = substr(line, at + length(text)) }
      print done line }
    END { exit found != 1 }' "$1"
}

# judge LINE: says what is wrong with a line of the list; fails then.
judge() {
  if ! parse "$1"; then
    bad "not a line of 'name | file | text | replacement | tests': $1"
  elif [ ! -f "$file" ]; then
    bad "$name: there is no $file"
  elif ! replace "$file" "$text" "$new" >"$work/mutant.c"; then
    bad "$name: '$text' is not exactly once in $file"
  else
    for test in $tests; do
      [ -f "$test" ] || { bad "$name: there is no $test"; return 1; }
    done
    return 0
  fi
  return 1
}

# passing TESTS: those that pass, as they were built last.
passing() {
  for test in $1; do
    if timeout 60 "build/${test%.c}" >said 2>&1; then printf ' %s' "$test"; fi
  done
}

# mutate LINE: one mutation, in the copy that is the current folder.
mutate() {
  parse "$1"
  change="$name  $file: '$text' -> '$new'"
  replace "$file" "$text" "$new" >mutant.c
  object=$(echo build/obj/*/"${file%.c}.o")
  cp "$file" original.c
  if [ -f "$object" ]; then cp "$object" original.o; fi
  cat mutant.c >"$file"
  # shellcheck disable=SC2086 # $make is a list of words
  if ! $make tests TESTS="$tests" >said 2>&1; then
    echo "BROKEN    $change does not build: $(grep -m 1 error said)"
  else
    idle=$(passing "$tests")
    if [ -n "$idle" ]; then echo "SURVIVED  $change; unnoticed by$idle"; else echo "caught    $change"; fi
  fi
  # in this order, and both newer than what was made of the mutant: make then links anew and compiles nothing, but for headers
  cat original.c >"$file"
  if [ -f "$object" ]; then cat original.o >"$object"; fi
}

# A worker takes every JOBS-th mutation: --worker COPY NUMBER JOBS.
if [ "${1:-}" = --worker ]; then
  cd "$2" || exit 1
  awk -v k="$3" -v jobs="$4" 'NR % jobs == k % jobs' ../list >share
  while IFS= read -r line; do mutate "$line" </dev/null; done <share | tee results
  all=$(tests_of share)
  # shellcheck disable=SC2086
  if ! $make tests TESTS="$all" >said 2>&1 || [ "$(passing "$all" | wc -w)" -ne "$(echo $all | wc -w)" ]; then
    { echo "BROKEN    the tests fail when all is as it was again"; tail -n 30 said >&2; } | tee -a results
  fi
  exit 0
fi

scratch
list=${MUTANTS:-tests/mutants/list}
grep -v -e '^#' -e '^ *$' "$list" >"${work:?}/all"
sed 's/ | .*//' "$work/all" | sort | uniq -d >"$work/twice"
[ ! -s "$work/twice" ] || bad "names that are there twice: $(tr '\n' ' ' <"$work/twice")"
if [ $# -eq 0 ]; then cp "$work/all" "$work/chosen"; fi
for name in "$@"; do
  grep "^$name | " "$work/all" >>"$work/chosen" || bad "no mutation $name in $list"
done
while IFS= read -r line; do
  if judge "$line"; then printf '%s\n' "$line"; fi
done <"$work/chosen" >"$work/sound"
share=${MUTANTS_SHARE:-0/1}
awk -v k="${share%/*}" -v n="${share#*/}" '(NR - 1) % n == k' "$work/sound" >"$work/list"
most=$(wc -l <"$work/list")
[ "$most" -gt 0 ] || finish

jobs=${TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}
[ "$jobs" -le "$most" ] || jobs=$most
case ${MAKEFLAGS:-} in *jobserver*) parallel='' ;; *) parallel=-j$jobs ;; esac
mkdir "$work/1"
cp -R Makefile src include tests scripts "$work/1/"
all=$(tests_of "$work/list")
programs=
for test in $all; do programs="$programs build/${test%.c}"; done
# shellcheck disable=SC2086
if ! (cd "$work/1" && $make $parallel tests TESTS="$all" && sh scripts/run-tests.sh $check log $programs) >"$work/said" 2>&1; then
  cat "$work/said" >&2
  bad 'the tests fail before anything is changed'
  finish
fi
for k in $(seq 2 "$jobs"); do cp -Rp "$work/1" "$work/$k"; done
seq "$jobs" | xargs -P "$jobs" -I '{}' sh "$0" --worker "$work/{}" '{}' "$jobs"
cat "$work"/*/results >"$work/results"
passed=$(grep -c '^caught ' "$work/results")
lost=$((most - $(wc -l <"$work/results")))
[ "$lost" -le 0 ] || bad "$lost mutations were not tried"
failed=$((failed + $(grep -c -v '^caught ' "$work/results")))
finish
