#!/bin/sh
# tests/cpp/check.sh - ift.hpp: does it have every function of the headers, compile without a warning, work, and refuse what it should?
# Called by `make check-cpp`. Environment: BUILD, LIB, CXX; COMPILERS (g++ and clang++); QUICK=1: with $CXX as C++17 alone.
set -eu
check=check-cpp
. scripts/common.sh
need pkg-config
LC_ALL=C
export LC_ALL
CXX=${CXX:-c++}
if [ -n "${QUICK:-}" ]; then COMPILERS=$CXX; fi
[ -n "${COMPILERS:-}" ] || { need g++ clang++; COMPILERS='g++ clang++'; }
folder=${BUILD:-build}/cpp
rm -rf "$folder"
mkdir -p "$folder"

# Names: a function that C has and C++ has not
awk -f scripts/functions.awk include/ift/*.h | cut -f 3 | tr ' ' '\n' | sort -u >"$folder/functions"
[ -s "$folder/functions" ] || bad 'no function in include/ift'
for name in $(cat "$folder/functions"); do
  if grep -q "\b$name\b" include/ift/*.hpp; then ok "$name"; else bad "$name is not in include/ift/*.hpp"; fi
done

strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror -Iinclude'
libraries="${LIB:-lib}/libift.a $(pkg-config --libs openblas) $(pkg-config --define-variable=GSL_CBLAS_LIB= --libs gsl) -lm -ldl -pthread"

# run_tests COMPILER OPTIONS SOURCES: one program of them
run_tests() {
  compiler=$1 options=$2 sources=$3
  program=$folder/$(echo "$compiler $options" | tr -cd 'a-z0-9+ -' | tr ' ' '_')
  mkdir -p "$program"
  # shellcheck disable=SC2086 # lists of words
  if printf '%s\n' $sources | xargs -P "${TEST_JOBS:-$(nproc 2>/dev/null || echo 2)}" -I '{}' \
    sh -c "$compiler $options $strict -c tests/cpp/{}.cpp -o $program/{}.o" >"$program/log" 2>&1 &&
    $compiler $options $(for each in $sources; do echo "$program/$each.o"; done) $libraries -o "$program/tests" >>"$program/log" 2>&1
  then ok "$compiler $options"; else bad "$compiler $options: $(head -n 20 "$program/log")"; return 0; fi
  if (cd "$program" && timeout "${TEST_TIMEOUT:-300}" ./tests) >"$program/log" 2>&1; then :; else cat "$program/log" >&2; fi
  counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$program/log")
  if [ -z "$counts" ]; then bad "$compiler $options: the tests end early"; return 0; fi
  passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
}

all='main test_objects test_callbacks test_reporting'
for compiler in $COMPILERS; do
  run_tests "$compiler" -std=c++17 "$all"
  [ -z "${QUICK:-}" ] || continue
  run_tests "$compiler" -std=c++20 "$all"
  run_tests "$compiler" '-std=c++17 -fno-exceptions -fno-rtti' 'main test_reporting'
done
if [ -n "${QUICK:-}" ]; then finish; fi

# Objects that are used when they are gone, or never go
if echo 'int main() {}' | $CXX -x c++ - -fsanitize=address,undefined -o "$folder/sanitized" 2>/dev/null && "$folder/sanitized"; then
  run_tests "$CXX" '-std=c++17 -g -fsanitize=address,undefined -fno-sanitize-recover=all' "$all"
fi

# What must not compile
cases=$(sed -n 's/^#el*if CASE == \([0-9]*\).*/\1/p' tests/cpp/refused.cpp)
[ -n "$cases" ] || bad 'no cases in refused.cpp'
for case in $cases; do
  if $CXX -std=c++17 -DCASE="$case" -Iinclude -fsyntax-only tests/cpp/refused.cpp >"$folder/refused-$case.log" 2>&1; then good=0; else good=$case; fi
  if [ "$good" = "$case" ]; then ok "refused.cpp $case"
  elif [ "$case" = 0 ]; then bad 'refused.cpp 0 does not compile'
  else bad "refused.cpp $case compiles"; fi
done
finish
