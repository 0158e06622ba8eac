#!/bin/sh
# ift compress with points and weights as they are asked for: rows of the target, with their numbers; equal weights.
. "$(dirname "$0")/harness"

small="--target $faithful --standardize --kernel gaussian:0.5 --effort low"
# shellcheck disable=SC2086 # a list of words
runs "rows" compress $small --particles 6 --points data --index rows.csv --out end.csv
check "the report has mmd2" grep -Eq '^mmd2 [0-9.e-]+$' stdout
check "numbers of rows, a line each" awk 'NR == 1 { bad = $0 != "row" } NR > 1 && !($0 ~ /^[0-9]+$/ && $0 < 272) { bad = 1 } END { exit bad || NR != 7 }' rows.csv
check "they are the particles" awk -F, '
  FILENAME ~ /faithful/ { if (FNR > 1) row[FNR - 2] = $1 + 0 "," $2 + 0; next }
  FILENAME == "rows.csv" { if (FNR > 1) number[FNR - 1] = $1; next }
  FNR > 1 && row[number[FNR - 1]] != ($1 + 0) "," ($2 + 0) { bad = 1 } END { exit bad || FNR != 7 }' "$faithful" rows.csv end.csv
check "weights sum to 1" awk -F, 'NR > 1 { s += $3; bad = bad || !($3 > 0) } END { exit bad || !((s - 1) ^ 2 < 1e-28) }' end.csv
# shellcheck disable=SC2086
runs "free points" compress $small --particles 6 --points free --out free.csv
# shellcheck disable=SC2086
runs "equal weights" compress $small --particles 6 --weights equal --out equal.csv
check "are equal" awk -F, 'NR > 1 && ($3 - 1 / 6) ^ 2 > 1e-28 { bad = 1 } END { exit bad || NR != 7 }' equal.csv
# shellcheck disable=SC2086
runs "rows of equal weight" compress $small --particles 6 --points data --weights equal --out both.csv
check "of which two may be the same" awk -F, 'NR > 1 { t = $3 * 6; bad = bad || (t - int(t + 0.5)) ^ 2 > 1e-24; s += $3 } END { exit bad || (s - 1) ^ 2 > 1e-28 }' both.csv
for pair in "free end" "free equal" "end both"; do
  # shellcheck disable=SC2086
  set -- $pair
  check "$1 is at most $2" awk -v a="$("$ift" mmd --standardize --kernel gaussian:0.5 "$1.csv" "$faithful" | cut -d' ' -f2)" \
    -v b="$("$ift" mmd --standardize --kernel gaussian:0.5 "$2.csv" "$faithful" | cut -d' ' -f2)" 'BEGIN { exit !(a + 0 <= b + 1e-12) }'
done
refused "--index without rows" "--index is for --points data; points are 'free'$" compress --target "$faithful" --particles 3 --index rows.csv
refused "an unknown word" "points" compress --target "$faithful" --particles 3 --points rows
# shellcheck disable=SC2086
refused "one file for two" "both write to" compress $small --particles 3 --points data --index one.csv --out one.csv
finish
