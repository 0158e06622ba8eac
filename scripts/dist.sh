#!/bin/sh
# scripts/dist.sh FILE.tar.gz - packs the sources into a folder named like the file, in the same bytes for the same files: names in
# order, no owner, one time (SOURCE_DATE_EPOCH, else that of the last commit; where there is no git, that of the newest file).
#
# The files are those that git tracks, as they are; in a copy without git, all but what is built.
set -eu
cd "$(dirname "$0")/.."
out=$1
LC_ALL=C
export LC_ALL
tar --version | grep -q GNU || { echo 'dist: this needs GNU tar' >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/dist.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

if [ -e .git ]; then
  git ls-files | while IFS= read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done >"$work/list"
  time=$(git log -1 --format=%ct)
else
  find . -type f -not -path './build/*' -not -path './lib/libift.*' -not -path './pkgconfig/ift.pc' -not -name '*.pyc' |
    sed 's|^\./||' | sort >"$work/list"
  time=$(find . -type f -printf '%T@\n' | sort -n | tail -n 1 | cut -d . -f 1)
fi
[ -s "$work/list" ] || { echo 'dist: no files' >&2; exit 1; }

name=$(basename "$out" .tar.gz)
tar --create --file="$work/tar" --files-from="$work/list" --transform="s|^|$name/|" --sort=name --format=ustar \
  --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s --mtime="@${SOURCE_DATE_EPOCH:-$time}"
gzip -9n <"$work/tar" >"$out"
echo "$out: $(wc -l <"$work/list") files"
