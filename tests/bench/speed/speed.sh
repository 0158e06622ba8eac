#!/bin/sh
# tests/bench/speed/speed.sh - how fast, and is that as fast as it should be: bench_speed, and its picture where gnuplot is. `make bench`
# runs it, after bench_direct, whose rates are in the picture too; BUILD names the folder in which things are built, build by default.
# DOCS=1 brings the tables of docs/benchmarks.md and the picture up to date with what came out.
set -eu
LC_ALL=C
OPENBLAS_NUM_THREADS=1
export LC_ALL OPENBLAS_NUM_THREADS

build=${BUILD:-build}
here=$(dirname "$0")
out=$build/bench
everything() {
  "$build/ift" info | awk -v cores="$(nproc)" -v blas="$(pkg-config --modversion openblas)" '
    /^[a-z]+ [^ ]/ && NF > 1 { name = $1; sub(/^[^ ]* /, ""); is[name] = $0 }
    END { printf "\n  ran on: %s cores, %s, %s, OpenBLAS %s\n", cores, is["isa"], is["compiler"], blas }'
  BUILD=$build BENCH_CSV=$out/bench_speed.csv "$build/tests/bench/bench_speed" || echo $? >"$out/status"
}
rm -f "$out/status"
everything | tee "$out/bench_speed.txt"
[ ! -f "$out/status" ] || exit "$(cat "$out/status")"

if ! command -v gnuplot >/dev/null 2>&1; then
  printf '\n  %s has the tables; gnuplot, which is not here, would draw the picture\n' "$out"
  exit 0
fi
mkdir -p "$out/speed"
for engine in direct low-rank; do
  sed -n "s/^,\"$engine, n = m = \([0-9]*\)\",\([^,]*\),ms,.*/\1 \2/p" "$out/bench_speed.csv" >"$out/speed/$engine"
done
for isa in avx512 avx2 baseline; do
  sed -n "s/^$isa,gaussian:1,\([0-9]*\),\(.*\)/\1 \2/p" "$out/bench_direct.csv" >"$out/speed/$isa"
done
gnuplot -e "here = '$here/../../../examples/paper'; in = '$out/speed'; out = '$out/speed.png'" "$here/speed.gp"
printf '\n  %s has the tables, and the picture speed.png\n' "$out"

[ "${DOCS:-}" = 1 ] || exit 0
awk -f "$here/../quote.awk" "$out/bench_speed.txt" docs/benchmarks.md >"$out/benchmarks.md"
cp "$out/benchmarks.md" docs/benchmarks.md
cp "$out/speed.png" docs/images
