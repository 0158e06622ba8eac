#!/bin/sh
# tests/install/test.sh - what a user does: make install, find the library through pkg-config alone, build, run, make uninstall.
# Called by `make check-install`, which says MAKE, BUILD, VERSION and ABI.
set -eu
check=check-install
. scripts/common.sh
need pkg-config readelf "${CXX:-c++}"
scratch
# the folders under test, and nothing that the caller has set up for others
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH 2>/dev/null || true
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
  for name in libift.a libift.so "libift.so.$ABI" "libift.so.$VERSION" pkgconfig/ift.pc; do echo "lib/$name"; done
} | LC_ALL=C sort >"$work/expected"
that 'diff "$work/expected" "$work/installed" >&2' 'the files that belong there are installed, and no others'
that '"$prefix/bin/ift" --version | grep -F "$VERSION" >/dev/null' 'the installed command says its version'
that '[ "$(pc --modversion ift)" = "$VERSION" ]' 'pkg-config knows the version'
that '[ "$(pc --variable=libdir ift)" = "$prefix/lib" ]' 'pkg-config knows the folder'
that '! pc --libs ift | grep -q -E "openblas|gsl"' 'users of the shared library do not link to its libraries'
that 'pc --static --libs ift | grep -q "openblas.* -lgsl"' 'for the archive OpenBLAS comes before GSL'

# Programs. A folder with nothing but the archive makes -lift mean it.
mkdir "$work/archive"
cp "$prefix/lib/libift.a" "$work/archive/"
cp tests/install/consumer.c "$work/consumer.c"
cp tests/install/consumer.c "$work/consumer.cpp"
strict='-Wall -Wextra -pedantic -Werror'
# build NAME COMPILER... : both kinds from the source and the options given
build() {
  name=$1
  shift
  # shellcheck disable=SC2046 # words of pkg-config
  if "$@" $strict -o "$work/$name-shared" $(pc --cflags --libs ift) -Wl,-rpath,"$prefix/lib"; then ok "$name, shared"; else bad "$name, shared"; return 0; fi
  # shellcheck disable=SC2046
  if "$@" $strict -o "$work/$name-static" $(pc --static --define-variable=libdir="$work/archive" --cflags --libs ift); then ok "$name, static"; else bad "$name, static"; return 0; fi
  needed "$work/$name-shared" >"$work/needed"
  that 'grep -qx "libift.so.$ABI" "$work/needed"' "$name needs the library by its soname"
  that '! grep -q -E "openblas|gsl" "$work/needed"' "$name, shared, does not itself need OpenBLAS"
  needed "$work/$name-static" >"$work/needed"
  that '! grep -q libift "$work/needed"' "$name, static, does not need the shared library"
  that 'grep -q openblas "$work/needed"' "$name, static, needs OpenBLAS"
  for kind in shared static; do
    if "$work/$name-$kind" >"$work/$name-$kind.out"; then ok "$name, $kind, runs"; else bad "$name, $kind, fails"; fi
    [ -e "$work/first.out" ] || cp "$work/$name-$kind.out" "$work/first.out"
    that 'diff "$work/first.out" "$work/$name-$kind.out" >&2' "$name, $kind, prints the bits of the first"
  done
}
# The order of words: sources before libraries, as linkers want it.
build c99 ${CC:-cc} -std=c99 "$work/consumer.c"
build c11 ${CC:-cc} -std=c11 "$work/consumer.c"
build c++11 ${CXX:-c++} -std=c++11 "$work/consumer.cpp"
that '[ "$(grep -c "^particle " "$work/first.out")" = 12 ]' 'the programs print their particles'

make_quietly uninstall BUILD="$BUILD" DESTDIR= PREFIX="$prefix" LIBDIR="$prefix/lib"
that '[ -z "$(find "$prefix" ! -type d)" ]' 'uninstall leaves no file'
that '[ ! -e "$prefix/include/ift" ]' 'uninstall leaves no folder of its own'

# Staged for a package, with another folder for libraries
stage=$work/stage
make_quietly install BUILD="$BUILD" DESTDIR="$stage" PREFIX=/opt/ift LIBDIR=/opt/ift/lib64
that '[ -x "$stage/opt/ift/bin/ift" ] && [ -e "$stage/opt/ift/lib64/libift.so" ]' 'DESTDIR comes before PREFIX and LIBDIR'
that '! grep -q "$work" "$stage/opt/ift/lib64/pkgconfig/ift.pc"' 'the staging folder is not in ift.pc'
that 'grep -qx "prefix=/opt/ift" "$stage/opt/ift/lib64/pkgconfig/ift.pc"' 'ift.pc has the prefix'
that 'grep -qFx "libdir=\${prefix}/lib64" "$stage/opt/ift/lib64/pkgconfig/ift.pc"' 'ift.pc has the folder of libraries, below the prefix'
make_quietly uninstall BUILD="$BUILD" DESTDIR="$stage" PREFIX=/opt/ift LIBDIR=/opt/ift/lib64
that '[ -z "$(find "$stage" ! -type d)" ]' 'uninstall takes a staging folder too'
finish
