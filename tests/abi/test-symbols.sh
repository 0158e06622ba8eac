#!/bin/sh
# tests/abi/test-symbols.sh - does check-symbols find what it should? Each of these differences must make it fail.
set -eu
check=test-symbols
. scripts/common.sh
lib=${LIB:-lib}
export QUICK=1
scratch

fresh() {
  rm -rf "$work/include" "$work/lib"
  cp -R include "$work/include"
  cp src/libift.map "$work/map"
  mkdir -p "$work/lib"
  cp "$lib"/libift.a "$lib"/libift.so "$work/lib/"
}

# refused WHAT WORDS: the check fails with a message that has these words.
refused() {
  if sh scripts/check-symbols.sh "$work/include" "$work/map" "$work/lib" >"$work/out" 2>&1; then
    bad "$1 passes"
  elif grep "$2" "$work/out" >/dev/null; then
    ok "$1 fails"
  else
    bad "$1 fails, but not with '$2': $(head -n 3 "$work/out")"
  fi
  fresh
}
fresh

sed -i.old 's/^ *ift_version;//' "$work/map"
refused 'a function missing from the version script' 'only in headers: ift_version$'
echo 'IFT_API int ift_new(int x);' >>"$work/include/ift/flow.h"
refused 'a function missing from the library' 'only in headers: ift_new$'
grep -v '^IFT_API int ift_version(void);' include/ift/context.h >"$work/include/ift/context.h"
refused 'an exported function that no header declares' 'libift.so: ift_version$'
echo 'IFT_API void ift_empty();' >>"$work/include/ift/flow.h"
refused 'a header with a warning' 'flow.h> alone as c99'
echo 'int other(void) { return 0; }' | ${CC:-cc} -x c -c - -o "$work/other.o"
ar rcs "$work/lib/libift.a" "$work/other.o"
refused 'an archive with another name' 'other'
printf '#include <stdio.h>\nint ift_version(void) { puts("x"); return 0; }\n' | ${CC:-cc} -x c -shared -fPIC - -o "$work/lib/libift.so"
refused 'a library that prints' 'guest must not make.*puts'
printf 'int ift_version(void) { return 0; }\n' | ${CC:-cc} -x c -shared -fPIC - -o "$work/lib/libift.so"
refused 'a library without OpenBLAS' 'OpenBLAS is not needed'
finish
