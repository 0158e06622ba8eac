#!/bin/sh
# scripts/variant.sh CHECK - the tests in another build: under sanitizers, under valgrind, with clang. Each has a folder of its own.
#
# Races need threads: check-tsan runs the test programs whose source asks for threads (ift_context_set_threads) and the tests of the
# command that do (--threads 2 or more), unless TESTS and CLI_TESTS say which.
set -eu
check=$1
. "$(dirname "$0")/common.sh"
folder=$BUILD/${check#check-}
goals='check-unit check-cli'
words=''

# can_sanitize KINDS: does this compiler have them, and do its programs start?
can_sanitize() {
  scratch
  echo 'int main(void) { return 0; }' >"$work/try.c"
  if ! ${CC:-cc} -fsanitize="$1" "$work/try.c" -o "$work/try" >"$work/why" 2>&1; then need "the sanitizer $1 of ${CC:-cc}"; fi
  if ! "$work/try" 2>"$work/why"; then
    # where addresses are spread too widely for it, the thread sanitizer does not start
    TEST_WRAPPER='setarch -R'
    export TEST_WRAPPER
    $TEST_WRAPPER "$work/try" 2>"$work/why" || need "a machine where $1 of ${CC:-cc} starts"
  fi
  words="SANITIZE=$1"
}

# Allocations that are too large fail under a sanitizer as they do elsewhere, and OpenBLAS, which is not built with one, keeps to
# one thread.
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=allocator_may_return_null=1
case $check in
  check-asan)
    can_sanitize address,undefined,float-cast-overflow
    ;;
  check-tsan)
    can_sanitize thread
    TESTS=${TESTS:-$(thread_tests)}
    CLI_TESTS=${CLI_TESTS:-$(grep -l -e '--threads [2-9] ' tests/cli/test*.sh | sort | tr '\n' ' ')}
    export TESTS CLI_TESTS
    export OPENBLAS_NUM_THREADS=1
    ;;
  check-clang)
    need clang
    words='CC=clang WERROR=1'
    goals='check-unit'
    ;;
  check-valgrind)
    need valgrind
    goals='check-unit'
    export TEST_TIMEOUT=3000
    export TEST_WRAPPER='valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite'
    ;;
esac

for goal in $goals; do
  set -- "$@" "$goal BUILD=$folder LIB=$folder $words"
done
shift
sh scripts/suites.sh "$folder/log" "$@"
