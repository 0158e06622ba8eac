#!/bin/sh
# scripts/fuzz.sh - builds the library and the fuzz targets under sanitizers and looks for inputs that break a promise: each
# target for FUZZ_SECONDS (20) from its corpus in tests/fuzz/corpus. What is found lies in BUILD/fuzz/found; a small form of it
# (BUILD/fuzz/fuzz_TARGET -minimize_crash=1 -runs=100000 FILE) belongs in the corpus, which `make check-unit` runs too.
#
#   fuzz.sh [TARGET...]      csv, npy and so on; all unless told otherwise
#
# Environment: BUILD (build), MAKE, CLANG (clang), FUZZ_SECONDS.
set -eu
cd "$(dirname "$0")/.."
check=fuzz
. scripts/common.sh
scratch
clang=${CLANG:-clang}
folder=${BUILD:-build}/fuzz
sanitizers=address,undefined,float-cast-overflow
need "$clang"

echo 'int LLVMFuzzerTestOneInput(const char *data, long size) { return !data && size; }' >"$work/try.c"
"$clang" -fsanitize=fuzzer,$sanitizers "$work/try.c" -o "$work/try" 2>"$work/why" || need "$clang's fuzzer and sanitizers"

# The library gets what guides the search (fuzzer-no-link), the targets libFuzzer's main besides (fuzzer).
${MAKE:-make} --no-print-directory -s "$folder/libift.a" BUILD="$folder" LIB="$folder" CC="$clang" CFLAGS='-O1 -g' \
  SANITIZE=fuzzer-no-link,$sanitizers

# Allocations that are too large fail as they do elsewhere; OpenBLAS, which is built without sanitizers, keeps to one thread.
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 OPENBLAS_NUM_THREADS=1

# Builds and runs one target.
fuzz() {
  program=$folder/fuzz_$1
  mkdir -p "$folder/found" "$folder/corpus/$1"
  # shellcheck disable=SC2046 # lists of words
  "$clang" -std=c11 -g -O1 -pthread -ffp-contract=off -fsanitize=fuzzer,$sanitizers -fno-sanitize-recover=all \
    -Iinclude -Isrc -Itests "tests/fuzz/fuzz_$1.c" "$folder/libift.a" -o "$program" $(pkg-config --libs openblas) \
    $(pkg-config --define-variable=GSL_CBLAS_LIB= --libs gsl) -lm -ldl >"$folder/$1.log" 2>&1 || return 1
  "$program" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=4000 -timeout=20 -artifact_prefix="$folder/found/$1-" \
    "$folder/corpus/$1" "tests/fuzz/corpus/$1" >"$folder/$1.log" 2>&1
}

# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $(for source in tests/fuzz/fuzz_*.c; do basename "$source" .c | sed 's/^fuzz_//'; done)
for target in "$@"; do
  if fuzz "$target"; then status=0; else status=$?; fi
  runs=$(sed -n 's/^Done \([0-9]*\) runs in.*/\1/p' "$folder/$target.log" 2>/dev/null)
  if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
    ok "$target"
    echo "  $target: $runs inputs"
  else
    bad "$target: exit status $status, ${runs:-0} inputs; the end of $folder/$target.log:"
    LC_ALL=C tr -cd '\11\12\40-\176' <"$folder/$target.log" | tail -n 30 | cut -c 1-200 | sed 's/^/    | /' >&2
  fi
done
finish
