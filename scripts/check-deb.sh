#!/bin/sh
# scripts/check-deb.sh - packs the sources, builds the Debian packages from the pack, and looks into them. Called by `make check-deb`.
# Environment: MAKE, BUILD, VERSION, ABI, CC. Everything lies in $BUILD/deb.
set -eu
check=check-deb deps=deps-deb
. "$(dirname "$0")/common.sh"
need dpkg-buildpackage dh lintian dpkg-deb
LC_ALL=C
export LC_ALL
folder=$BUILD/deb
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# what is meant for this build, not for that of the packages
unset BUILD LIB IFT CFLAGS CPPFLAGS LDFLAGS WERROR MAKEFLAGS MAKELEVEL PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH
name=libift-$VERSION
that() { if eval "$1"; then ok "$2"; else bad "$2: no"; fi; }

# What is said twice
that '[ "$(dpkg-parsechangelog -l debian/changelog -S Version)" = "$VERSION" ]' "debian/changelog begins with $VERSION"
sed -n 's/^ \(ift_[a-z0-9_]*\)@.*/\1/p' debian/libift1.symbols | sort >"$folder/symbols"
sed -n 's/^ *\(ift_[a-z0-9_]*\);.*/\1/p' src/libift.map | sort >"$folder/map"
that 'diff "$folder/map" "$folder/symbols" >&2' "debian/libift1.symbols has the names of src/libift.map (else: make abi-baseline)"
case $VERSION in
  0.* | 1.0.0)
    that '! sed 1,2d debian/libift1.symbols | grep -v " $(echo "$VERSION" | sed "s/[.]/[.]/g")\$" >&2' \
      "debian/libift1.symbols says $VERSION everywhere (else: make abi-baseline)" ;;
esac

# The pack: equal bytes each time, also from a copy without git
sh scripts/dist.sh "$folder/$name.tar.gz" >/dev/null
tar -C "$folder" -xf "$folder/$name.tar.gz"
mkdir "$folder/again"
(umask 077 && cd "$folder/$name" && sh scripts/dist.sh "$folder/again/$name.tar.gz" >/dev/null)
that 'cmp "$folder/$name.tar.gz" "$folder/again/$name.tar.gz" >&2' 'make dist gives the same bytes in a copy of the sources without git'

# The packages
if (cd "$folder/$name" && DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" dpkg-buildpackage -us -uc) >"$folder/build.log" 2>&1; then
  ok 'dpkg-buildpackage'
else
  tail -n 30 "$folder/build.log" >&2
  bad "dpkg-buildpackage fails, see $folder/build.log"
  finish
fi
changes=$(echo "$folder"/*.changes)
if lintian --fail-on error,warning "$changes" >"$folder/lintian.log" 2>&1; then ok lintian; else bad "lintian: $(grep '^[EW]:' "$folder/lintian.log")"; fi

# What is in them
root=$folder/root
for package in "libift$ABI" libift-dev ift-tools; do
  if dpkg-deb -x "$folder/${package}_${VERSION}_$(dpkg --print-architecture).deb" "$root"; then ok "$package"; else bad "there is no $package"; fi
  dpkg-deb -c "$folder/${package}_${VERSION}_$(dpkg --print-architecture).deb" >"$folder/$package.list"
done
triplet=$(dpkg-architecture -q DEB_HOST_MULTIARCH 2>/dev/null)
libdir=$root/usr/lib/$triplet
that 'grep -q "libift.so.$ABI -> libift.so.$VERSION\$" "$folder/libift$ABI.list" && grep -q "libift.so -> libift.so.$ABI\$" "$folder/libift-dev.list"' \
  'the libraries are where they belong'
that '! grep -v "/\$" "$folder/libift$ABI.list" | grep -q -v -E "/libift\.so\.|/usr/share/doc/libift$ABI/"' 'the library has nothing else with it'
(cd include && find . -name '*.h' -o -name '*.hpp' | sort) >"$folder/headers"
(cd "$root/usr/include" && find . -type f | sort) >"$folder/packed"
that 'diff "$folder/headers" "$folder/packed" >&2' 'all headers are there'
for file in bin/ift share/man/man1/ift.1.gz share/man/man3/libift.3.gz "lib/$triplet/pkgconfig/ift.pc" "lib/$triplet/cmake/ift/ift-config.cmake"; do
  that '[ -s "$root/usr/$file" ]' "$file is there"
done
that 'LD_LIBRARY_PATH=$libdir "$root/usr/bin/ift" --version | grep -qF "$VERSION"' 'the command runs'
that 'dpkg-deb -f "$folder"/ift-tools_*.deb Depends | grep -q "libift$ABI (>= "' 'the command depends on the library'
that 'dpkg-deb -f "$folder"/libift"$ABI"_*.deb Depends | grep -q libopenblas' 'the library depends on OpenBLAS'
that '! dpkg-deb -f "$folder"/libift"$ABI"_*.deb Depends | grep -q libblas' 'and on no other BLAS'
for kind in shared static; do
  case $kind in shared) what=-lift ;; static) what="$libdir/libift.a -lopenblas -lgsl -lm -ldl -pthread" ;; esac
  # shellcheck disable=SC2086 # words
  that "${CC:-cc} -I'$root/usr/include' tests/install/consumer.c -L'$libdir' $what -o '$folder/$kind' &&
    LD_LIBRARY_PATH='$libdir' '$folder/$kind' >'$folder/$kind.out'" "a program builds and runs, $kind"
done
that 'grep -q "^particle " "$folder/shared.out" && cmp "$folder/shared.out" "$folder/static.out" >&2' 'both print the same bits'
finish
