#!/bin/sh
# tests/bench/quality/quality.sh [PROBLEM...] - how close, by which method, in what time: bench_quality, and its pictures where gnuplot
# is. `make bench-quality` runs it; BUILD names the folder in which things are built, build by default. DOCS=1 brings the tables of
# docs/benchmarks.md and its pictures up to date with what came out.
set -eu
LC_ALL=C
OPENBLAS_NUM_THREADS=1
export LC_ALL OPENBLAS_NUM_THREADS

build=${BUILD:-build}
here=$(dirname "$0")
out=$build/bench
printed=$out/bench_quality.txt
mkdir -p "$out"

everything() {
  compiler=$("$build/ift" info | sed -n 's/^compiler //p')
  printf '\n  machine: %s cores, %s, OpenBLAS %s\n' "$(nproc)" "$compiler" "$(pkg-config --modversion openblas)"
  BENCH_CSV=$out/bench_quality.csv "$build/tests/bench/bench_quality" "$@" || echo $? >"$out/status"
}
rm -f "$out/status"
everything "$@" | tee "$printed"
[ ! -f "$out/status" ] || exit "$(cat "$out/status")"

if ! command -v gnuplot >/dev/null 2>&1; then
  printf '\n  %s has the tables and the curves; gnuplot, which is not here, would draw the pictures\n' "$out"
  exit 0
fi
# A file a curve, WHAT/PROBLEM/METHOD: particles and MMD^2; for the most particles seconds and MMD^2, on the way and at the end. And one
# that is nowhere in the pictures.
rm -rf "$out/curves"
for problem in $(sed '1d; s/,.*//' "$out/bench_quality.csv" | uniq); do
  mkdir -p "$out/curves/particles/$problem" "$out/curves/way/$problem" "$out/curves/end/$problem"
done
echo 1e-30 1e-30 >"$out/curves/none"
awk -F, -v out="$out/curves" '
  FNR == 1 { file++; next }
  file == 1 { if ($3 > most[$1]) most[$1] = $3; print $3, $5 >(out "/particles/" $1 "/" $2) }
  file > 1 && $3 == most[$1] { print $4, $5 >(out "/" (file == 2 ? "end" : "way") "/" $1 "/" $2) }
' "$out/bench_quality.csv" "$out/bench_quality.csv" "$out/bench_quality-courses.csv"
for over in particles seconds; do
  gnuplot -e "here = '$here/../../../examples/paper'; in = '$out/curves'; over = '$over'; out = '$out/quality-$over.png'" "$here/quality.gp"
done
printf '\n  %s has the tables, the curves, and the pictures quality-particles.png and quality-seconds.png\n' "$out"

[ "${DOCS:-}" = 1 ] || exit 0
awk -f "$here/../quote.awk" "$printed" docs/benchmarks.md >"$out/benchmarks.md"
cp "$out/benchmarks.md" docs/benchmarks.md
cp "$out/quality-particles.png" "$out/quality-seconds.png" docs/images
