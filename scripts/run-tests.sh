#!/bin/sh
# scripts/run-tests.sh - runs test programs side by side and counts their cases.
#
#   run-tests.sh SUITE LOGS PROGRAM...
#
# A program is a cmocka program or a script (*.sh, which gets the path of the command, $IFT). One line is printed for each, and what
# it said where it failed; all of it is in LOGS. The last line is "SUITE: N passed, M failed", and 0 cases are a failure.
# Environment: TEST_JOBS (side by side; one for each core), TEST_TIMEOUT (seconds for one program; 300), TEST_WRAPPER (a command in front, valgrind),
# OPENBLAS_NUM_THREADS (1).
set -u
# Programs that run side by side share the cores: threads of OpenBLAS that wait for work would keep them busy.
OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
export OPENBLAS_NUM_THREADS

one() {
  logs=$1 program=$2
  log=$logs/$(echo "${program#./}" | tr '/' '-').log
  begin=$(date +%s)
  case $program in
    *.sh) if [ -x "$program" ]; then set -- "$program" "$IFT"; else set -- sh "$program" "$IFT"; fi ;;
    *) set -- ${TEST_WRAPPER:-} "$program" ;;
  esac
  timeout "${TEST_TIMEOUT:-300}" "$@" >"$log" 2>&1 </dev/null
  status=$?
  seconds=$(($(date +%s) - begin))

  # cmocka: a case that began (RUN) and did not end well (OK, SKIPPED) has failed, crashes included. Lists of names that follow the
  # line "N test(s) run." are not counted again. Scripts may end with "N passed, M failed"; without it a script is one case.
  counts=$(awk -v script="${program##*.}" -v status="$status" '
    /^\[==========\].*Running/ { listing = 0 }
    /^\[==========\].* run\./  { listing = 1 }
    /^\[ RUN      \]/ { run++ }
    /^\[       OK \]/ { good++ }
    /^\[  SKIPPED \]/ && !listing { skipped++ }
    /(^|: )[0-9]+ passed, [0-9]+ failed$/ { sub(/.*: /, ""); told = $0 }
    END {
      bad = run - good - skipped
      if (script == "sh") {
        if (told != "") { split(told, part, " "); good = part[1]; bad = part[3]; run = good + bad }
        else { run = 1; good = status == 0; bad = status != 0 }
      }
      if (bad == 0 && (status != 0 || run == 0)) bad = 1
      print good + 0, bad + 0, skipped + 0
    }' "$log")
  # shellcheck disable=SC2086
  set -- $counts
  note="$1 passed"
  [ "$2" -eq 0 ] || note="$note, $2 failed"
  [ "$3" -eq 0 ] || note="$note, $3 skipped"
  [ "$status" -eq 124 ] && note="$note (timeout)"
  [ "$status" -eq 0 ] || [ "$status" -eq 1 ] || note="$note (exit status $status)"
  echo "$counts" >"$log.count"
  text=$(printf '  %-58s %s, %s s' "$program" "$note" "$seconds")
  if [ "$2" -gt 0 ]; then
    # one write, so that programs that run at the same time do not mix their lines
    text="$text
$(grep -v -e '^\[ RUN ' -e '^\[       OK ' -e '^ok ' "$log" | tail -n 60 | sed 's/^/    | /')"
  fi
  printf '%s\n' "$text"
}

if [ "$1" = --one ]; then
  one "$2" "$3"
  exit 0
fi

suite=$1 logs=$2
shift 2
rm -rf "$logs"
mkdir -p "$logs"
if [ $# -eq 0 ]; then
  echo "$suite: no tests" >&2
  echo "$suite: 0 passed, 1 failed"
  exit 1
fi
printf '%s\n' "$@" | xargs -P "${TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}" -I '{}' sh "$0" --one "$logs" '{}'
cat "$logs"/*.count | awk -v suite="$suite" -v programs=$# '
  { passed += $1; failed += $2; n++ }
  END { if (n != programs) failed += programs - n
        printf "%s: %d passed, %d failed\n", suite, passed, failed; exit failed > 0 || passed == 0 }'
