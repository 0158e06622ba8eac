#!/bin/sh
# tests/ffi/test.sh [LANGUAGE...] - the library from other languages: examples/ffi, against an installed library alone.
#
#   - the tests of each language pass
#   - its program prints the bits that the one in C prints, as do those in C with the archive and by CMake
#   - the programs in examples/ffi/README.md (```python) print what the block ```output after them says
#
# Called by `make check-ffi`, which says MAKE, BUILD and LIB. A language whose tools are missing is skipped; with CI=true it has failed.
# shellcheck disable=SC2016 # $1 is that of a shell inside
set -eu
cd "$(dirname "$0")/../.."
check=check-ffi
. scripts/common.sh
need pkg-config
tree=$PWD
unset LD_LIBRARY_PATH PYTHONPATH IFT_LIBRARY 2>/dev/null || true
languages=${*:-c cpp python rust lua r}
work=$(cd "$BUILD" && pwd)/ffi
prefix=$work-prefix
data=$work/faithful.csv

# What a user has: the installed library, and the files of a language without the tree that they come from.
# (What cargo has built stays.)
rm -rf "$prefix"
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} +
${MAKE:-make} --no-print-directory install BUILD="$BUILD" LIB="$LIB" DESTDIR= PREFIX="$prefix" LIBDIR="$prefix/lib" >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; bad 'make install'; finish; }
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
cp -Rp examples/ffi/. "$work/"
cp examples/data/faithful.csv "$data"
cd "$work"

# test WHAT COMMAND...: it succeeds; what it said is told where not
try() {
  what=$1
  shift
  if timeout "${TEST_TIMEOUT:-300}" "$@" >"$work/log" 2>&1 </dev/null; then ok "$what"; else bad "$what:"; tail -n 60 "$work/log" >&2; fi
}

# job LANGUAGE COMMAND...: the program for the main job
job() {
  language=$1
  shift
  if ! timeout "${TEST_TIMEOUT:-300}" "$@" "$data" >"$work/$language.out" 2>"$work/log" </dev/null; then
    bad "$language: the program fails:"
    cat "$work/log" >&2
  elif [ "$(grep -c . "$work/$language.out")" -ne 26 ]; then
    bad "$language: the program does not print mmd2 and 25 particles"
  elif [ "$language" = c ] || cmp -s "$work/c.out" "$work/$language.out"; then
    ok "$language: the program prints the bits of the one in C"
  else
    bad "$language: the program prints other bits than the one in C:"
    diff "$work/c.out" "$work/$language.out" | head -n 6 >&2
  fi
}

# has LANGUAGE TOOL COMMAND...: the tool is there, which the command finds out
has() {
  language=$1 tool=$2
  shift 2
  if "$@" >/dev/null 2>&1; then return 0; fi
  if [ "${CI:-}" = true ]; then
    bad "$language: $tool is missing: run 'make deps-ffi'"
  else
    echo "$check: $language: skipped, $tool is missing ('make deps-ffi' installs it)"
  fi
  return 1
}

strict='-Wall -Wextra -Wpedantic -Werror'

# shellcheck disable=SC2046,SC2086 # words of pkg-config
check_c() {
  try 'c: the program compiles' ${CC:-cc} -std=c11 $strict c/faithful.c -o c/faithful \
    $(pkg-config --cflags --libs ift) -lm -Wl,-rpath,"$prefix/lib"
  job c c/faithful
  # where nothing but the archive is, -lift means it
  mkdir archive
  cp "$prefix/lib/libift.a" archive/
  try 'c: the program compiles with the archive' ${CC:-cc} -std=c11 $strict c/faithful.c -o archive/faithful \
    $(pkg-config --static --define-variable=libdir="$PWD/archive" --cflags --libs ift)
  job static archive/faithful
  has c cmake cmake --version || return 0
  try 'c: the program compiles by CMake' sh -c 'cmake -S c -B cmake -DCMAKE_PREFIX_PATH="$1" && cmake --build cmake' sh "$prefix"
  job cmake cmake/faithful
}

# shellcheck disable=SC2046,SC2086
check_cpp() {
  has cpp "${CXX:-c++}" ${CXX:-c++} --version || return 0
  try 'cpp: the program compiles' ${CXX:-c++} -std=c++17 $strict cpp/faithful.cpp -o cpp/faithful \
    $(pkg-config --cflags --libs ift) -Wl,-rpath,"$prefix/lib"
  job cpp cpp/faithful
}

check_python() {
  # the system's Python, for which deps-ffi installs NumPy; another one may come first in the path
  python=${PYTHON:-/usr/bin/python3}
  has python NumPy "$python" -c 'import numpy' || return 0
  export PYTHONPATH="$work/python" PYTHONDONTWRITEBYTECODE=1 IFT_DATA="$data"
  for tests in python/tests/test_*.py; do try "python: $tests" "$python" -W error "$tests"; done
  job python "$python" python/faithful.py
  blocks README.md python "$python"
}

check_rust() {
  has rust cargo cargo --version || return 0
  export CARGO_TARGET_DIR="$work/target"
  try 'rust: cargo test' sh -c 'cd rust && cargo test --offline'
  job rust sh -c 'cd rust && exec cargo run -q --offline --example faithful -- "$1"' sh
  blocks README.md rust sh -c 'cp "$1" rust/examples/readme.rs && cd rust && exec cargo run -q --offline --example readme' sh
}

check_lua() {
  has lua luajit luajit -v || return 0
  export LUA_PATH="$work/lua/?.lua;;"
  try 'lua: test.lua' luajit lua/test.lua
  job lua luajit lua/faithful.lua
  blocks README.md lua luajit
}

check_r() {
  has r R Rscript --version || return 0
  try 'r: the shim compiles' sh -c 'cd r && R CMD SHLIB ift.c'
  try 'r: test.R' sh -c 'cd r && exec Rscript test.R'
  job r sh -c 'cd r && exec Rscript faithful.R "$1"' sh
  blocks README.md r sh -c 'cd r && exec Rscript "$1"' sh
}

# blocks DOCUMENT KIND COMMAND...: what the command makes of each block of this kind is what the document says
blocks() {
  document=$1 kind=$2
  shift 2
  mkdir -p "$work/blocks"
  awk -v folder="$work/blocks" -f "$tree/tests/docs/blocks.awk" "$document" >"$work/blocks/index"
  before=
  while read -r number line info; do
    if [ "$info" = "$kind" ]; then
      before=$number
      try "$document:$line" "$@" "$work/blocks/$number"
      cp "$work/log" "$work/blocks/$number.came"
    elif [ "$info" = output ] && [ -n "$before" ]; then
      if awk -f "$tree/tests/docs/compare.awk" "$work/blocks/$number" "$work/blocks/$before.came" >"$work/log"; then
        ok "$document:$line"
      else
        bad "$document:$line is not what comes out:"
        cat "$work/log" >&2
      fi
      before=
    fi
  done <"$work/blocks/index"
}

for language in $languages; do "check_$language"; done
finish
