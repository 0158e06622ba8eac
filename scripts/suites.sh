#!/bin/sh
# scripts/suites.sh - makes several targets one after the other and adds up what they counted.
#
#   suites.sh [--stop] LOGS GOALS...      a GOALS is the words of one call of make, "check-unit" or "deps check"
#
# A suite ends with a line "NAME: N passed, M failed"; a goal that prints none is one case. --stop ends at the first failure.
set -u

stop=
if [ "$1" = --stop ]; then stop=1; shift; fi
logs=$1
shift
mkdir -p "$logs"
passed=0 failed=0

for goals in "$@"; do
  [ -z "$stop" ] || echo "== make $goals"
  log=$logs/$(echo "$goals" | tr ' /=' '---').log
  begin=$(date +%s)
  # shellcheck disable=SC2086 # goals and $MAKE are lists of words
  { ${MAKE:-make} --no-print-directory $goals 2>&1; echo $? >"$log.status"; } | tee "$log"
  status=$(cat "$log.status")
  last=$(grep -E '(^|: )[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 | sed 's/.*: //')
  good=0 bad=0
  if [ -n "$last" ]; then
    good=${last%% *}
    bad=${last#*, }
    bad=${bad%% *}
  elif [ "$status" -eq 0 ]; then
    tail -n 1 "$log" | grep -q ': skipped, ' || good=1
  fi
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  [ -z "$stop" ] || echo "== make $goals: exit status $status after $(($(date +%s) - begin)) s"
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ -n "$stop" ] && [ "$bad" -gt 0 ]; then break; fi
done

if [ $((passed + failed)) -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
