#!/bin/sh
# tests/bench/search/search.sh - how good compressions are on problems made from seeds: bench_search. `make bench-search` runs it; BUILD
# names the folder in which things are built, build by default. DOCS=1 brings the tables of docs/benchmarks.md up to date.
#
# What they are held against, tests/bench/search/reference.csv, comes from `python3 tests/bench/search/long.py 20` (NumPy and SciPy),
# twenty seconds of one core a problem. More seconds only lower it: they are added to those before.
set -eu
LC_ALL=C
OPENBLAS_NUM_THREADS=1
export LC_ALL OPENBLAS_NUM_THREADS

build=${BUILD:-build}
here=$(dirname "$0")
out=$build/bench
mkdir -p "$out"
rm -f "$out/search-status"
{ BENCH_CSV=$out/bench_search.csv "$build/tests/bench/bench_search" || echo $? >"$out/search-status"; } | tee "$out/bench_search.txt"
[ ! -f "$out/search-status" ] || exit "$(cat "$out/search-status")"

[ "${DOCS:-}" = 1 ] || exit 0
awk -f "$here/../quote.awk" "$out/bench_search.txt" docs/benchmarks.md >"$out/benchmarks.md"
cp "$out/benchmarks.md" docs/benchmarks.md
