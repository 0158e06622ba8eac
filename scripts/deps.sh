#!/bin/sh
# scripts/deps.sh - finds what libift needs, and installs what is missing with apt-get. On other systems it says how.
#
#   deps.sh         to build, run and test
#   deps.sh dev     for the deeper checks
#   deps.sh deb     for the Debian packages
#   deps.sh ffi     to use it from other languages, and for all checks of what gets installed
set -eu

kind=${1:-build}
missing='' # Debian's names
brew=''
dnf=''

# want DEBIAN DNF BREW: a package by its names; - where a system has no such package or brings it along.
want() {
  missing="$missing $1"
  [ "$2" = - ] || dnf="$dnf $2"
  [ "$3" = - ] || brew="$brew $3"
}
program() { command -v "$1" >/dev/null 2>&1; }
links() { echo 'int main(void) { return 0; }' | ${CC:-cc} -x c - "$@" -o /dev/null 2>/dev/null; }
module() { program pkg-config && pkg-config --exists "$1"; }
# For the archive Debian's openblas.pc asks for -lgfortran, which libopenblas-dev does not bring along.
wants_fortran() { if module openblas; then pkg-config --static --libs openblas | grep -q gfortran; else program apt-get; fi; }
# The system's Python; another one may come first in the path
python_has() { "${PYTHON:-/usr/bin/python3}" -c "import $1" 2>/dev/null; }

consumers() { # check-install, check-ffi
  program pkg-config || want pkg-config pkgconf-pkg-config pkg-config
  program cmake || want cmake cmake cmake
  program c++ || program g++ || program clang++ || want g++ gcc-c++ -
}
interface() { # check-abi, check-docs
  program abidiff || want abigail-tools libabigail -
  program readelf || want binutils binutils binutils
  program groff || want groff-base groff-base groff
  program doxygen || want doxygen doxygen doxygen
}
packages() { # check-deb
  if ! program dpkg-buildpackage || ! dpkg -s build-essential >/dev/null 2>&1; then want build-essential dpkg-dev -; fi
  program dh || want debhelper debhelper -
  program lintian || want lintian lintian -
}

if [ "$kind" = build ]; then
  consumers
  module openblas || want libopenblas-dev openblas-devel openblas
  module gsl || want libgsl-dev gsl-devel gsl
  module jansson || want libjansson-dev jansson-devel jansson
  module cmocka || want libcmocka-dev libcmocka-devel cmocka
  program gnuplot || want gnuplot-nox gnuplot gnuplot
  if wants_fortran && ! links -lgfortran; then want gfortran gcc-gfortran -; fi
elif [ "$kind" = deb ]; then
  packages
elif [ "$kind" = ffi ]; then
  consumers
  interface
  packages
  python_has numpy || want python3-numpy python3-numpy numpy
  program cargo || want cargo cargo rust
  program luajit || want luajit luajit luajit
  program Rscript || want r-base-core R-core-devel r
else
  program clang || want clang clang llvm
  program clang-format || want clang-format clang-tools-extra clang-format
  program valgrind || want valgrind valgrind valgrind
  interface
  python_has numpy || want python3-numpy python3-numpy numpy
  python_has scipy || want python3-scipy python3-scipy scipy
  # gcc brings its sanitizers along, clang does not; `make fuzz` is always with clang
  CC=clang links -fsanitize=fuzzer-no-link,address,undefined || want libclang-rt-dev compiler-rt -
fi

[ -n "$missing" ] || exit 0

echo "missing:$missing"
if ! program apt-get; then
  echo "install them with one of"
  echo "  dnf install$dnf"
  echo "  brew install$brew"
  exit 1
fi >&2

root=''
if [ "$(id -u)" -ne 0 ]; then
  program sudo || {
    echo "not root, and sudo is missing; as root: apt-get update && apt-get install -y$missing" >&2
    exit 1
  }
  root=sudo
fi
$root apt-get -q update
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing
