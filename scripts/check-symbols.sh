#!/bin/sh
# scripts/check-symbols.sh [INCLUDE] [MAP] [LIB] - is what the library shows what its headers declare, and nothing else?
#
#   - IFT_API functions of the headers = names in the version script = symbols that the shared library exports, all ift_...
#   - the archive's global symbols all begin with ift_ too
#   - the shared library calls nothing that a guest must not call, needs OpenBLAS and no other BLAS, has the right soname
#   - each public header compiles alone, as C99, C11 and C++11, without a warning, by gcc and by clang (QUICK=1: as C99 alone)
set -eu
check=check-symbols
. "$(dirname "$0")/common.sh"
include=${1:-include}
map=${2:-src/libift.map}
lib=${3:-lib}
need nm readelf c++
scratch
LC_ALL=C
export LC_ALL

same() {
  if cmp -s "$work/$1" "$work/$2"; then
    ok "$3 = $4 ($(wc -l <"$work/$1") functions)"
  else
    bad "$3 and $4 differ:"
    comm -23 "$work/$1" "$work/$2" | sed "s|^|  only in $3: |" >&2
    comm -13 "$work/$1" "$work/$2" | sed "s|^|  only in $4: |" >&2
  fi
}
none() { if [ -s "$work/$1" ]; then bad "$2: $(tr '\n' ' ' <"$work/$1")"; else ok "no $2"; fi; }

# A declaration runs from IFT_API to its first parenthesis; the name is the last word before that.
cat "$include"/ift.h "$include"/ift/*.h | grep -v '^ *#' | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/| |g' |
  grep -o '\bIFT_API [^;(]*(' | sed 's/ *($//; s/.*[ *]//' | sort >"$work/header"
sed 's|/\*.*\*/||' "$map" | tr -d ' \t' | grep '^[A-Za-z_].*;$' | sed 's/^[a-z]*://; s/;$//' | grep -v '^$' | sort >"$work/map"
nm -D --defined-only "$lib/libift.so" | awk '$2 != "A" { print $NF }' | sed 's/@.*//' | sort >"$work/exported"
[ -s "$work/header" ] || bad "no IFT_API function in $include"

uniq -d "$work/header" >"$work/twice"
none twice 'function declared twice'
same header map headers "$map"
same header exported headers "$lib/libift.so"
grep -v '^ift_' "$work/exported" >"$work/foreign" || true
none foreign 'exported name without ift_'

nm -g --defined-only "$lib/libift.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$work/archive"
grep -v '^ift_' "$work/archive" >"$work/foreign" || true
none foreign "global name without ift_ in $lib/libift.a"
comm -23 "$work/exported" "$work/archive" >"$work/lacking"
none lacking "exported function that $lib/libift.a lacks"

# What a guest must not do: end or leave the process, print, read the environment, change a setting of the process. (The rounding mode
# and the locale of the calling thread are set while a number is printed, and set back. Files that the
# caller asks for are written with fprintf and its like; stderr is none of them.)
nm -D --undefined-only "$lib/libift.so" | awk '{ print $NF }' | sed 's/@.*//' | sort -u >"$work/used"
grep -E -x -e '_?_?(abort|exit|_exit|_Exit|quick_exit|atexit|at_quick_exit|raise|kill|__assert_fail|_setjmp|setjmp|sigsetjmp|longjmp|siglongjmp|__longjmp_chk)' \
  -e '_*(v?d?printf|vfprintf|puts|putchar|perror|psignal|error|err|warn|syslog)(_chk|_unlocked)?' -e 'stderr' \
  -e '(secure_)?getenv|(put|set|unset|clear)env|environ' \
  -e 'setlocale|system|popen|fork|vfork|exec[lv]p?e?|posix_spawnp?|signal|sigaction|sigprocmask|chdir|umask|feenableexcept' \
  -e 's?rand|s?random|[se]?rand48|pthread_atfork|setrlimit|(openblas|goto)_set_.*|gsl_set_error_handler.*|gsl_error' \
  "$work/used" >"$work/forbidden" || true
none forbidden "call that a guest must not make in $lib/libift.so"
[ -s "$work/used" ] || bad "nm lists no symbol that $lib/libift.so uses"

readelf -d "$lib/libift.so" >"$work/dynamic"
abi=$(sed -n 's/^#define IFT_ABI //p' src/base/version.h)
if grep -q "SONAME.*\[libift\.so\.$abi\]" "$work/dynamic"; then ok soname; else bad "the soname is not libift.so.$abi"; fi
if grep -q 'NEEDED.*libopenblas' "$work/dynamic"; then ok 'needs OpenBLAS'; else bad "OpenBLAS is not needed: $(grep NEEDED "$work/dynamic" | tr -s ' \n' ' ')"; fi
if grep -q 'NEEDED.*gslcblas' "$work/dynamic"; then bad 'gslcblas is needed, the slow BLAS of GSL'; else ok 'does not need gslcblas'; fi
if grep -q -E 'RPATH|RUNPATH' "$work/dynamic"; then bad 'has a run path'; else ok 'no run path'; fi
if grep -q 'TEXTREL' "$work/dynamic"; then bad 'has text relocations'; else ok 'no text relocations'; fi
if readelf -W -l "$lib/libift.so" | grep GNU_STACK | grep -q RWE; then bad 'has an executable stack'; else ok 'no executable stack'; fi

# present COMPILER...: those that there are
present() { for each in "$@"; do if command -v "$each" >/dev/null 2>&1; then echo "$each"; fi; done; }
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only'
# alone SUFFIX COMPILERS STANDARDS OPTIONS: all headers in one call; where that fails, one by one, to say which
alone() {
  for compiler in $2; do
    for standard in $3; do
      # shellcheck disable=SC2086 # words
      if $compiler -std=$standard $strict $4 -I"$include" "$work"/alone/*."$1" 2>/dev/null; then
        ok "the headers as $standard by $compiler"
        continue
      fi
      for each in "$work"/alone/*."$1"; do
        # shellcheck disable=SC2086
        $compiler -std=$standard $strict $4 -I"$include" "$each" || bad "$(cat "$each") alone as $standard by $compiler"
      done
    done
  done
}
mkdir "$work/alone"
for header in ift.h $(cd "$include" && ls ift/*.h); do
  echo "#include <$header>" | tee "$work/alone/$(basename "$header").c" >"$work/alone/$(basename "$header").cpp"
done
if [ -n "${QUICK:-}" ]; then
  alone c "${CC:-cc}" c99 -Wstrict-prototypes
  finish
fi
c=$(present gcc clang) cxx=$(present g++ clang++)
[ -n "$c" ] || c=${CC:-cc} cxx=${CXX:-c++}
alone c "$c" 'c99 c11' -Wstrict-prototypes
alone cpp "$cxx" c++11 -Wold-style-cast
rm "$work"/alone/*
echo '#include <ift.hpp>' >"$work/alone/ift.cpp"
alone cpp "$cxx" c++17 ''
finish
