#!/bin/sh
# tests/abi/consumers.sh [LIB] - programs that the library must not break. Part of `make check-abi`.
#
# An old one: built with the headers of release 1.0, linked with a library that has their names and nothing else, run with this one. A
# hostile one: it brings another BLAS, which comes first.
set -eu
check=check-consumers
. scripts/common.sh
lib=$(cd "${1:-lib}" && pwd)
scratch

old=tests/abi/headers-1.0
major=$(sed -n 's/^#define IFT_VERSION_MAJOR //p' src/base/version.h)

# Headers without comments and empty lines: what a compiler sees
bare() {
  for header in ift.h $(cd "$1" && ls ift/*.h); do
    echo "== $header"
    tr '\n' '\001' <"$1/$header" | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' | tr '\001' '\n' | sed 's/ *$//' | grep -v '^$'
  done
}
if [ "$major" -eq 0 ]; then
  bare include >"$work/now"
  bare $old >"$work/then"
  if cmp -s "$work/now" "$work/then"; then ok "$old is in step"; else bad "$old is not what include has: run 'make abi-baseline'"; fi
fi

# stub FOLDER [EXCEPT]: a libift.so.1 of nothing but names
stub() {
  mkdir -p "$1"
  awk -f scripts/functions.awk $old/ift/*.h | cut -f 3 | tr ' ' '\n' | grep -vx "${2:-}" >"$1/names"
  sed 's/.*/void &(void) {}/' "$1/names" >"$1/stub.c"
  { echo 'IFT_1.0 { global:'; sed 's/$/;/' "$1/names"; echo 'local: *; };'; } >"$1/stub.map"
  ${CC:-cc} -shared -fPIC -w -fno-builtin -Wl,-soname,libift.so.1 -Wl,--version-script="$1/stub.map" "$1/stub.c" -o "$1/libift.so.1" &&
    ln -sf libift.so.1 "$1/libift.so"
}
# run FOLDER PROGRAM: with the library that is there
run() { LD_LIBRARY_PATH=$1 "$2" >"$work/said" 2>&1; }

stub "$work/old"
stub "$work/less" ift_simplex_project
# every function of that release, so that each has to be there when the program starts
{
  echo '#include <ift.h>'
  echo 'extern void (*const all_functions[])(void);'
  echo 'void (*const all_functions[])(void) = {'
  sed 's/.*/(void (*)(void))&,/' "$work/old/names"
  echo '};'
} >"$work/table.c"
if ${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Werror -I$old tests/abi/old_consumer.c "$work/table.c" -L"$work/old" -lift -lm -Wl,-z,now \
  -o "$work/old_consumer"; then ok 'the consumer of 1.0 builds'; else bad 'the consumer of 1.0 does not build'; fi
if run "$lib" "$work/old_consumer"; then ok 'the consumer of 1.0 runs'; else bad "the consumer of 1.0 fails: $(cat "$work/said")"; fi
if run "$work/less" "$work/old_consumer"; then bad 'the consumer of 1.0 does not notice that a function is gone'
elif grep -q ift_simplex_project "$work/said"; then ok 'the consumer of 1.0 notices that a function is gone'
else bad "the consumer of 1.0 fails otherwise: $(cat "$work/said")"; fi
if ${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only tests/abi/old_consumer.c; then ok 'its source compiles with the headers of today'
else bad 'its source does not compile with the headers of today'; fi

for blas in gslcblas openblas; do
  if ${CC:-cc} -std=c99 -D_XOPEN_SOURCE=700 -Wall -Wextra -Werror -Iinclude tests/abi/hostile.c -Wl,--no-as-needed -l$blas -L"$lib" -lift \
    -lm -o "$work/hostile"; then ok "a program with $blas before libift builds"; else bad "a program with $blas before libift does not build"; fi
  if run "$lib" "$work/hostile"; then ok "its results are right"; else bad "with $blas: $(cat "$work/said")"; fi
  if grep -q "^blas .*lib$blas" "$work/said"; then ok "ift_build_info names $blas"; else bad "ift_build_info says '$(grep '^blas ' "$work/said")' where $blas comes first"; fi
done
finish
