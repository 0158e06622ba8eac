#!/bin/sh
# The trace: its columns, its rows, where it goes.
. "$(dirname "$0")/harness"
header=step,transport_time,reaction_time,energy,mmd2,mass,alive,transport_dissipation,reaction_dissipation,gap,seconds

flow() {
  name=$1
  shift
  runs "$name" flow --target "$faithful" --particles 12 --geometry spherical-ift --kernel gaussian:2 "$@"
}
flow "a trace" --steps 10 --trace t.csv --out o.csv
check "header" test "$(head -n 1 t.csv)" = $header
check "eleven fields in each row" awk -F, 'NF != 11 { exit 1 }' t.csv
check "rows 0 to 10" test "$(column step t.csv | tr '\n' ' ')" = "0 1 2 3 4 5 6 7 8 9 10 "
check "row 0 has no dissipation" awk -F, 'NR == 2 { exit !($8 == "" && $9 == "") }' t.csv
check "the others have" awk -F, 'NR > 2 && !($8 > 0 && $9 >= 0 && $9 != "") { exit 1 }' t.csv
check "row 0 has no time behind it" awk -F, 'NR == 2 { exit !($2 == 0 && $3 == 0) }' t.csv
check "times add up" awk -F, 'NR > 2 && !($2 >= t && $3 >= r) { exit 1 } NR > 1 { t = $2; r = $3 }' t.csv
check "mmd2 is twice the energy" awk -F, 'NR > 1 && ($5 - 2 * $4) ^ 2 > 1e-24 * $4 ^ 2 { exit 1 }' t.csv
check "gap is at least mmd2" awk -F, 'NR > 1 && !($10 >= $5 * (1 - 1e-9)) { exit 1 }' t.csv
check "mass is 1" awk -F, 'NR > 1 && ($6 - 1) ^ 2 > 1e-26 { exit 1 }' t.csv
check "alive is a whole number" awk -F, 'NR > 1 && ($7 != int($7) || $7 < 1 || $7 > 12) { exit 1 }' t.csv
check "seconds go forward" awk -F, 'NR > 1 && !($11 >= s && $11 < 60) { exit 1 } NR > 1 { s = $11 }' t.csv
check "17 digits" awk -F, 'NR > 3 && length($4) > 15 { n++ } END { exit !n }' t.csv
runs "mmd of the end" mmd --kernel gaussian:2 o.csv "$faithful"
holds "is that of the last row" "(a - b) ^ 2 <= 1e-24" "a=$(value mmd2 stdout)" "b=$(column mmd2 t.csv | tail -n 1)"

flow "no steps" --steps 0 --trace t.csv --out o.csv
check "one row" test "$(wc -l <t.csv)" -eq 2
flow "every 4th" --steps 10 --trace t.csv --trace-every 4 --out o.csv
check "rows 0 4 8, and the last" test "$(column step t.csv | tr '\n' ' ')" = "0 4 8 10 "
flow "every 5th" --steps 10 --trace t.csv --trace-every 5 --out o.csv
check "the last one once" test "$(column step t.csv | tr '\n' ' ')" = "0 5 10 "
flow "every 100th" --steps 10 --trace t.csv --trace-every 100 --out o.csv
check "first and last" test "$(column step t.csv | tr '\n' ' ')" = "0 10 "
flow "an early end" --steps 300 --tolerance 1e-2 --trace t.csv --trace-every 7 --out o.csv
check "has its last row" awk -F, 'END { exit !($4 <= 1e-2) }' t.csv

runs "wasserstein" flow --target "$faithful" --particles 12 --geometry wasserstein --steps 3 --trace t.csv --out o.csv
check "has no reaction" awk -F, 'NR > 1 && $9 != "" && $9 != 0 { exit 1 }' t.csv
runs "spherical-mmd" flow --target "$faithful" --particles 12 --geometry spherical-mmd --steps 3 --trace t.csv --out o.csv
check "has no transport" awk -F, 'NR > 1 && $8 != "" && $8 != 0 { exit 1 }' t.csv

flow "trace to standard output" --steps 3 --trace -
check "is all there is" test "$(head -n 1 stdout)" = $header -a "$(wc -l <stdout)" -eq 5
check "and no file" sh -c '! ls -A | grep -Eqv "^(stdout|stderr|t.csv|o.csv)$"'
flow "trace to standard output, particles to a file" --steps 3 --trace - --out p.csv
check "both are there" test "$(wc -l <stdout)" -eq 5 -a "$(wc -l <p.csv)" -eq 13
refused "both to standard output" "both write to standard output" flow --target "$faithful" --particles 12 --geometry ift --steps 3 \
  --trace - --out -
refused "both to one file" "both write to" flow --target "$faithful" --particles 12 --geometry ift --steps 3 --trace both.csv --out ./both.csv

compress="compress --target $faithful --particles 8 --standardize --effort low"
# shellcheck disable=SC2086 # a list of words
runs "trace of compress" $compress --trace t.csv --out o.csv
check "same header" test "$(head -n 1 t.csv)" = $header
check "mmd2 goes down to what is told" awk -F, -v told="$(value mmd2 stdout)" 'NR > 1 { v = $5 } END { exit !((v - told) ^ 2 < 1e-20) }' t.csv
check "eleven fields" awk -F, 'NF != 11 { exit 1 }' t.csv
# shellcheck disable=SC2086
"$ift" $compress --trace - --out o.csv >stdout 2>stderr
check "trace of compress on standard output" test "$(head -n 1 stdout)" = $header
check "the report is then on standard error" grep -q '^mmd2 ' stderr
finish
