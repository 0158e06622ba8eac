# scripts/common.sh - what the check scripts share. Read with `.`; the script's name is $check.
#
# A check says `ok WHAT` or `bad WHAT` for each case and ends with `finish`, which prints "N passed, M failed".

passed=0
failed=0

ok() {
  passed=$((passed + 1))
  [ -z "${VERBOSE:-}" ] || echo "  ok: $1"
}

bad() {
  failed=$((failed + 1))
  echo "$check: $1" >&2
}

# A check that looked at nothing has not passed.
finish() {
  [ $((passed + failed)) -gt 0 ] || bad "no cases"
  echo "$check: $passed passed, $failed failed"
  [ "$failed" -eq 0 ] || exit 1
  exit 0
}

# need TOOL...: without one of them the check is skipped, and on a CI machine (CI=true) it has failed. $deps is what installs them.
need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 && continue
    if [ "${CI:-}" = true ]; then
      echo "$check: $tool is missing: run 'make ${deps:-deps-dev}'" >&2
      exit 1
    fi
    echo "$check: skipped, $tool is missing ('make ${deps:-deps-dev}' installs it)"
    exit 0
  done
}

# thread_tests: the test programs whose source asks for threads.
thread_tests() {
  grep -rl --include='test_*.c' ift_context_set_threads tests | sort | tr '\n' ' '
}

# A folder for this script's files, removed at the end.
scratch() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/$check.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
}
