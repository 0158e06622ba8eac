#!/bin/sh
# tests/bench/quality/quality.sh - how close, by which method, in what time: bench_quality, and its pictures where gnuplot is. `make
# bench-quality` runs it; BUILD names the folder in which things are built, build by default.
set -eu
LC_ALL=C
OPENBLAS_NUM_THREADS=1
export LC_ALL OPENBLAS_NUM_THREADS

build=${BUILD:-build}
here=$(dirname "$0")
out=$build/bench
mkdir -p "$out"
printf '\n  %s cores, %s, OpenBLAS %s\n' "$(nproc)" "$("$build/ift" info | sed -n 's/^compiler //p')" "$(pkg-config --modversion openblas)"
BENCH_CSV=$out/bench_quality.csv "$build/tests/bench/bench_quality" "$@"

if ! command -v gnuplot >/dev/null 2>&1; then
  printf '\n  %s has the tables and the curves; gnuplot, which is not here, would draw the pictures\n' "$out"
  exit 0
fi
# A file a curve, WHAT/PROBLEM/METHOD: particles and MMD^2; for the most particles seconds and MMD^2, on the way and at the end.
rm -rf "$out/curves"
mkdir -p "$out/curves"
echo 1e-30 1e-30 >"$out/curves/none"
for problem in $(sed '1d; s/,.*//' "$out/bench_quality.csv" | uniq); do
  mkdir -p "$out/curves/particles/$problem" "$out/curves/way/$problem" "$out/curves/end/$problem"
done
awk -F, -v out="$out/curves" '
  FNR == 1 { file++; next }
  file == 1 { if ($3 > most[$1]) most[$1] = $3; print $3, $5 >(out "/particles/" $1 "/" $2) }
  file > 1 && $3 == most[$1] { print $4, $5 >(out "/" (file == 2 ? "end" : "way") "/" $1 "/" $2) }
' "$out/bench_quality.csv" "$out/bench_quality.csv" "$out/bench_quality-courses.csv"
for over in particles seconds; do
  gnuplot -e "here = '$here/../../../examples/paper'; in = '$out/curves'; over = '$over'; out = '$out/quality-$over.png'" "$here/quality.gp"
done
printf '\n  %s has the tables, the curves, and the pictures quality-particles.png and quality-seconds.png\n' "$out"
