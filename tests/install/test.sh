#!/bin/sh
# tests/install/test.sh - what a user does: make install, find the library through pkg-config or CMake alone, build, run, make uninstall.
# Called by `make check-install`, which says MAKE, BUILD, VERSION and ABI.
set -eu
check=check-install
. scripts/common.sh
need pkg-config readelf "${CXX:-c++}" cmake
scratch
# the folders under test, and nothing that the caller has set up for others
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH CMAKE_PREFIX_PATH 2>/dev/null || true
make_quietly() { ${MAKE:-make} --no-print-directory "$@" >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2; bad "make $*"; finish; }; }
pc() { PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@"; }
needed() { readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'; }
that() { if eval "$1"; then ok "$2"; else bad "$2: no"; fi; }

# Into a prefix of its own
prefix=$work/usr
make_quietly install BUILD="$BUILD" DESTDIR= PREFIX="$prefix" LIBDIR="$prefix/lib"
(cd "$prefix" && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort) >"$work/installed"
{
  echo bin/ift
  (cd include && find . -name '*.h' -o -name '*.hpp' | sed 's|^\./|include/|')
  for name in libift.a libift.so "libift.so.$ABI" "libift.so.$VERSION" pkgconfig/ift.pc cmake/ift/ift-config.cmake \
    cmake/ift/ift-config-version.cmake; do echo "lib/$name"; done
  echo share/man/man1/ift.1
  echo share/man/man3/libift.3
} | LC_ALL=C sort >"$work/expected"
that 'diff "$work/expected" "$work/installed" >&2' 'the files that belong there are installed, and no others'
that '"$prefix/bin/ift" --version | grep -F "$VERSION" >/dev/null' 'the installed command says its version'
that '[ "$(pc --modversion ift)" = "$VERSION" ]' 'pkg-config knows the version'
that '[ "$(pc --variable=libdir ift)" = "$prefix/lib" ]' 'pkg-config knows the folder'
that '! pc --libs ift | grep -q -E "openblas|gsl"' 'users of the shared library do not link to its libraries'
that 'pc --static --libs ift | grep -q "openblas.* -lgsl"' 'for the archive OpenBLAS comes before GSL'

# Programs, from a folder that has no more of the sources. One with nothing but the archive makes -lift mean it.
mkdir "$work/archive" "$work/project"
cp "$prefix/lib/libift.a" "$work/archive/"
cp tests/install/consumer.c tests/install/consumer.cpp tests/install/CMakeLists.txt "$work/project/"
cp tests/install/consumer.c "$work/project/consumer-c.cpp"
source=$PWD
cd "$work/project"
strict='-Wall -Wextra -pedantic -Werror'
# judge NAME KIND PROGRAM: needs what it should, and prints what the first program did
judge() {
  needed "$3" >"$work/needed"
  if [ "$2" = shared ]; then
    that 'grep -qx "libift.so.$ABI" "$work/needed"' "$1 needs the library by its soname"
    that '! grep -q -E "openblas|gsl" "$work/needed"' "$1, shared, does not itself need OpenBLAS"
  else
    that '! grep -q libift "$work/needed"' "$1, static, does not need the shared library"
    that 'grep -q openblas "$work/needed"' "$1, static, needs OpenBLAS"
    that '! grep -q gslcblas "$work/needed"' "$1, static, does not need the BLAS of GSL"
  fi
  if "$3" >"$work/$1-$2.out"; then ok "$1, $2, runs"; else bad "$1, $2, fails"; fi
  [ -e "$work/first.out" ] || cp "$work/$1-$2.out" "$work/first.out"
  that "diff '$work/first.out' '$work/$1-$2.out' >&2" "$1, $2, prints the bits of the first"
}
# build NAME COMPILER... : both kinds from the source and the options given
build() {
  name=$1
  shift
  # shellcheck disable=SC2046 # words of pkg-config
  if "$@" $strict -o "$work/$name-shared" $(pc --cflags --libs ift) -Wl,-rpath,"$prefix/lib"; then ok "$name, shared"; else bad "$name, shared"; return 0; fi
  # shellcheck disable=SC2046
  if "$@" $strict -o "$work/$name-static" $(pc --static --define-variable=libdir="$work/archive" --cflags --libs ift); then ok "$name, static"; else bad "$name, static"; return 0; fi
  for kind in shared static; do judge "$name" "$kind" "$work/$name-$kind"; done
}
# The order of words: sources before libraries, as linkers want it.
build c99 ${CC:-cc} -std=c99 consumer.c
build c11 ${CC:-cc} -std=c11 consumer.c
build c++11 ${CXX:-c++} -std=c++11 consumer-c.cpp
build c++17 ${CXX:-c++} -std=c++17 consumer.cpp
that '[ "$(grep -c "^particle " "$work/first.out")" = 12 ]' 'the programs print their particles'

# CMake: a folder of its own for each configuration. configure NAME FIND PREFIX
configure() { cmake -S . -B "$work/$1" -DCMAKE_PREFIX_PATH="$3" -DFIND="$2" -DCMAKE_BUILD_TYPE=Debug >"$work/$1.log" 2>&1; }
if configure cmake "$VERSION EXACT COMPONENTS static" "$prefix" && cmake --build "$work/cmake" >>"$work/cmake.log" 2>&1; then
  ok 'CMake builds'
  for language in c cpp; do for kind in shared static; do judge "cmake-$language" "$kind" "$work/cmake/$language-$kind"; done; done
else
  bad "CMake: $(tail -n 20 "$work/cmake.log")"
fi
that '! configure refused 99 "$prefix"' 'CMake refuses a later version'
that '! configure refused "0.0.1 EXACT" "$prefix"' 'CMake refuses another version'
that '! configure refused "COMPONENTS fortran" "$prefix"' 'CMake refuses a component that is not there'
cp -R "$prefix" "$work/elsewhere"
that 'configure moved "" "$work/elsewhere" && cmake --build "$work/moved" --target cpp-shared >>"$work/moved.log" 2>&1 &&
  ! grep -rq "$prefix" "$work/moved"' 'a prefix that was moved works with CMake'
cd "$source"

make_quietly uninstall BUILD="$BUILD" DESTDIR= PREFIX="$prefix" LIBDIR="$prefix/lib"
that '[ -z "$(find "$prefix" ! -type d)" ]' 'uninstall leaves no file'
that '[ ! -e "$prefix/include/ift" ] && [ ! -e "$prefix/lib/cmake/ift" ]' 'uninstall leaves no folder of its own'

# Staged for a package, with another folder for libraries
stage=$work/stage
for libdir in /opt/ift/lib64 /opt/ift/lib/x86 /opt/libraries; do
  make_quietly install BUILD="$BUILD" DESTDIR="$stage" PREFIX=/opt/ift LIBDIR=$libdir
  that '[ -x "$stage/opt/ift/bin/ift" ] && [ -e "$stage$libdir/libift.so" ]' "$libdir: DESTDIR comes before PREFIX and LIBDIR"
  that '! grep -rq "$work" "$stage$libdir/pkgconfig" "$stage$libdir/cmake"' "$libdir: the staging folder is in no file"
  that 'grep -qx "prefix=/opt/ift" "$stage$libdir/pkgconfig/ift.pc"' "$libdir: ift.pc has the prefix"
  include=$(sed -n 's/.*_ift_includedir "\([^"]*\)" .*/\1/p' "$stage$libdir/cmake/ift/ift-config.cmake")
  that 'case $include in /*) [ $include = /opt/ift/include ] ;; *) [ -e "$stage$libdir/$include/ift.hpp" ] ;; esac' "$libdir: CMake finds the headers"
  make_quietly uninstall BUILD="$BUILD" DESTDIR="$stage" PREFIX=/opt/ift LIBDIR=$libdir
  that '[ -z "$(find "$stage" ! -type d)" ]' "$libdir: uninstall takes a staging folder too"
done
that 'make_quietly install BUILD="$BUILD" DESTDIR="$stage" PREFIX=/opt/ift LIBDIR=/opt/ift/lib64 &&
  grep -qFx "libdir=\${prefix}/lib64" "$stage/opt/ift/lib64/pkgconfig/ift.pc"' 'ift.pc has the folder of libraries, below the prefix'
finish
