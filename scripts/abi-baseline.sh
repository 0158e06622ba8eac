#!/bin/sh
# scripts/abi-baseline.sh LIB VERSION - writes down the binary interface as it is now: tests/abi/libift.abi, the headers that the consumer
# of 1.0 is built with, and the symbols of the Debian package. `make abi-baseline` builds the library first.
#
# Up to release 1.0.0 the interface may change, and all of this with it. After that the headers of 1.0 stay as they are, and a symbol
# keeps the release that it came with.
set -eu
cd "$(dirname "$0")/.."
lib=$1 version=$2
sh scripts/check-abi.sh --baseline "$lib"

case $version in
  0.*)
    rm -rf tests/abi/headers-1.0
    mkdir -p tests/abi/headers-1.0/ift
    cp include/ift.h tests/abi/headers-1.0/
    cp include/ift/*.h tests/abi/headers-1.0/ift/
    ;;
esac

symbols=debian/libift1.symbols
case $version in 0.* | 1.0.0) old=/dev/null ;; *) old=$symbols ;; esac
{
  echo "libift.so.$(sed -n 's/^#define IFT_ABI //p' src/base/version.h) libift1 #MINVER#"
  echo '* Build-Depends-Package: libift-dev'
  sed -n -e 's/^\(IFT_[0-9.]*\) {.*/\1/p' -e 's/^ *\(ift_[a-z0-9_]*\);.*/ \1/p' src/libift.map |
    awk -v version="$version" -v old="$old" '
      BEGIN { while ((getline line < old) > 0) { split(line, part, " "); since[part[1]] = part[2] } }
      /^IFT/ { node = $0; name = node "@" node }
      /^ / { name = substr($0, 2) "@" node }
      { print " " name " " (name in since ? since[name] : version) }' | LC_ALL=C sort
} >"$symbols.new"
mv "$symbols.new" "$symbols"
echo "$symbols: $(grep -c ' ift_' "$symbols") functions"
