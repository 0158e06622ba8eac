#!/bin/sh
# scripts/check-theory.sh PROGRAM... - runs the tests of the paper's statements and shows what they measured.
#
# Each line of the table is a statement and the part of it, the number measured, the largest that is allowed, and pass or FAIL; lines
# that start with # are remarks. The last line counts cases; a program that measured nothing is a failure, and so is a FAIL.
# Environment: BUILD (build), and what scripts/run-tests.sh knows.
set -u

check="check-theory"
logs=${BUILD:-build}/log/theory
mkdir -p "$logs"
sh "$(dirname "$0")/run-tests.sh" "$check" "$logs" "$@" | tee "$logs.out" | sed '$d'

# By the number of the statement, else as they came.
cat "$logs"/*.log 2>/dev/null | grep -E '^(T[0-9]+[^ ]* [^ ]+ [^ ]+ (pass|FAIL)|# T[0-9]+ .*)$' |
  awk '{ id = $1 == "#" ? $2 : $1; match(id, /[0-9]+/); print substr(id, RSTART, RLENGTH) "\t" $0 }' |
  LC_ALL=C sort -s -n -k1,1 | cut -f2- >"$logs.lines"
awk '$1 == "#" { print; next } { printf "%-50s %10s %9s  %s\n", $1, $2, $3, $4 }' "$logs.lines"

passed=0 failed=0
read -r passed failed <<EOT
$(tail -n 1 "$logs.out" | sed -n 's/^check-theory: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
EOT
wrong=0
for program in "$@"; do
  log=$logs/$(echo "${program#./}" | tr '/' '-').log
  grep -qE '^T[0-9]+[^ ]* [^ ]+ [^ ]+ (pass|FAIL)$' "$log" 2>/dev/null && continue
  echo "$check: $program measured nothing" >&2
  wrong=$((wrong + 1))
done
wrong=$((wrong + $(grep -c ' FAIL$' "$logs.lines")))
[ "${failed:-0}" -ge "$wrong" ] || failed=$wrong
if [ $((${passed:-0} + ${failed:-0})) -eq 0 ]; then failed=1; fi
echo "$check: ${passed:-0} passed, ${failed:-0} failed"
[ "${failed:-0}" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
