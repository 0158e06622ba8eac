#!/bin/sh
# Each command on real data: what it prints, and that it can be repeated.
. "$(dirname "$0")/harness"

# ---- bandwidth and mmd ----
runs "bandwidth" bandwidth "$faithful"
check "bandwidth prints one line" grep -Exq 'bandwidth [0-9.e+-]+' stdout
sigma=$(value bandwidth stdout)
holds "bandwidth of Old Faithful" "s > 9.19 && s < 9.20" "s=$sigma"
"$ift" bandwidth - <"$faithful" >again
check "bandwidth of standard input" cmp -s stdout again

runs "mmd of a file and itself" mmd --kernel gaussian:1 "$faithful" "$faithful"
check "mmd prints one line" grep -Exq 'mmd2 [0-9.e+-]+' stdout
holds "mmd of a file and itself is 0" "v >= 0 && v < 1e-15" "v=$(value mmd2 stdout)"
printf 'x\n0\n' >zero.csv
printf 'x\n1\n' >unit.csv
runs "mmd of two points" mmd --kernel gaussian:1 zero.csv unit.csv
holds "mmd of two points is 2 - 2 exp(-1/2)" "d * d < 1e-30" "d=$(awk -v v="$(value mmd2 stdout)" 'BEGIN { print v - (2 - 2 * exp(-0.5)) }')"
printf 'x,weight\n0,0.25\n1,0.75\n' >mixed.csv
runs "mmd uses weights" mmd --kernel gaussian:1 mixed.csv zero.csv
holds "mmd of weighted points" "d * d < 1e-30" "d=$(awk -v v="$(value mmd2 stdout)" 'BEGIN { print v - 0.5625 * (2 - 2 * exp(-0.5)) }')"
finish_mmd=$("$ift" mmd "$faithful" "$faithful")
check "mmd takes the median kernel by default" test "$finish_mmd" = "$("$ift" mmd --kernel "gaussian:$sigma" "$faithful" "$faithful")"
head -n 100 "$faithful" >part.csv
check "median is that of B" test "$("$ift" mmd part.csv "$faithful")" = "$("$ift" mmd --kernel "gaussian:$sigma" part.csv "$faithful")"
check "median in a sum" test "$("$ift" mmd --kernel "0.5*gaussian:median+2e+0*laplace:3" part.csv "$faithful")" = \
  "$("$ift" mmd --kernel "0.5*gaussian:$sigma+2*laplace:3" part.csv "$faithful")"
for kernel in gaussian:2 laplace:1 matern12:1 matern32:1 matern52:1 imq:1 imq:1,0.7 riesz:0.5 energy linear polynomial:1,2; do
  runs "mmd with $kernel" mmd --kernel $kernel part.csv "$faithful"
done
check "threads don't matter" test "$("$ift" mmd --threads 1 part.csv "$faithful")" = "$("$ift" mmd --threads 3 part.csv "$faithful")"
runs "mmd --standardize" mmd --standardize --kernel gaussian:0.5 part.csv "$faithful"

awk -v OFS=, 'BEGIN { print "x", "y"; for (i = 0; i < 6001; i++) print (i * 37) % 101 + i / 7, (i * 53) % 97 }' >many.csv
runs "bandwidth of many rows" bandwidth many.csv
check "bandwidth tells that it took 5000 rows" grep -qx 'rows_used 5000 of 6001' stdout
"$ift" mmd "$faithful" many.csv >stdout 2>stderr
check "mmd tells that the median was taken on 5000 rows" grep -q '5000 of the 6001 rows' stderr

# ---- compress ----
compress() {
  name=$1
  shift
  runs "$name" compress --target "$faithful" --standardize --kernel gaussian:0.5 --effort low "$@"
}
compress "compress" --particles 10 --seed 3 --out few.csv
for quantity in mmd2 standard_error particles; do
  check "compress prints $quantity" grep -Eq "^$quantity [0-9.e+-]+$" stdout
done
check "compress writes a header" test "$(head -n 1 few.csv)" = x1,x2,weight
check "compress writes at most 10 particles" awk 'END { exit !(NR > 1 && NR <= 11) }' few.csv
check "no particle has weight 0" awk -F, 'NR > 1 && !($3 > 0) { exit 1 }' few.csv
holds "the weights sum to 1" "(s - 1) * (s - 1) < 1e-24" "s=$(column weight few.csv | awk '{ s += $1 } END { printf "%.17g", s }')"
told=$(value mmd2 stdout)
holds "compress is as good as it should be" "v < 7e-4" "v=$told"
runs "mmd of the result" mmd --standardize --kernel gaussian:0.5 few.csv "$faithful"
holds "ift mmd agrees with compress" "(a - b) ^ 2 < 1e-20" "a=$told" "b=$(value mmd2 stdout)"
compress "compress once more" --particles 10 --seed 3 --threads 1 --out again.csv
check "the seed fixes the result, threads don't matter" cmp -s few.csv again.csv

"$ift" compress --target - --standardize --kernel gaussian:0.5 --effort low --particles 10 --seed 3 <"$faithful" >stdout 2>stderr
check "standard input to standard output" cmp -s few.csv stdout
check "then the report is on standard error" grep -q '^mmd2 ' stderr
compress "compress to NPY" --particles 10 --seed 3 --out few.npy
check "NPY has the magic" test "$(head -c 6 few.npy | tail -c 5)" = NUMPY
printf 'x,y\n0,1\n2,3\n0,1\n' >dup.csv
runs "more particles than points" compress --target dup.csv --kernel gaussian:1 --particles 5 --out all.csv
check "gives the distinct points" test "$(wc -l <all.csv)" -eq 3
runs "a target of one point" compress --target zero.csv --kernel gaussian:1 --particles 1 --out all.csv
runs "compress to tolerance" compress --target "$faithful" --particles 30 --kernel gaussian:5 --tolerance 1 --out all.csv

# ---- flow ----
for geometry in wasserstein mmd spherical-mmd fisher-rao spherical-fisher-rao ift spherical-ift wfr spherical-wfr projected-mmd; do
  runs "flow in $geometry" flow --target "$faithful" --particles 20 --geometry $geometry --kernel gaussian:2 --steps 20 --seed 5 \
    --out $geometry.csv --trace trace.csv
  check "$geometry writes all particles" test "$(wc -l <$geometry.csv)" -eq 21
  check "$geometry never goes up" awk -F, 'NR > 2 && $4 > last { exit 1 } { last = $4 }' trace.csv
done
flow() {
  name=$1
  shift
  runs "$name" flow --target "$faithful" --geometry spherical-ift --kernel gaussian:2 "$@"
}
flow "flow without steps" --particles 30 --steps 0 --seed 9 --out start.csv
check "starts from rows of the target" sh -c 'tail -n +2 start.csv | cut -d, -f1,2 | awk -F, "{ printf \"%s,%s\n\", \$1 + 0, \$2 + 0 }" |
  sort | uniq >picked; tail -n +2 "$1" | awk -F, "{ printf \"%s,%s\n\", \$1 + 0, \$2 + 0 }" | sort -u >rows; test "$(comm -12 picked rows | wc -l)" -eq 30' sh "$faithful"
check "of weight 1/N" awk -F, 'NR > 1 && ($3 - 1 / 30) ^ 2 > 1e-30 { exit 1 }' start.csv
flow "flow without steps, another seed" --particles 30 --steps 0 --seed 10 --out other.csv
check "the seed makes the draw" sh -c '! cmp -s start.csv other.csv'
flow "all points of the target" --particles 272 --steps 0 --out everything.csv
check "a drawn start is each row once" sh -c 'tail -n +2 everything.csv | cut -d, -f1,2 | awk -F, "{ print \$1 + 0, \$2 + 0 }" | sort >a
  tail -n +2 "$1" | awk -F, "{ print \$1 + 0, \$2 + 0 }" | sort >b; cmp -s a b' sh "$faithful"
flow "flow from a file" --source start.csv --steps 25 --out end.csv
flow "flow drawn with the same seed" --particles 30 --seed 9 --steps 25 --threads 1 --out same.csv
check "is the same flow" cmp -s end.csv same.csv
flow "17 digits" --source end.csv --steps 0 --out copy.csv
check "read back bit for bit" cmp -s end.csv copy.csv
"$ift" flow --target "$faithful" --source - --geometry spherical-ift --kernel gaussian:2 --steps 25 <start.csv >stdout 2>stderr
check "source from standard input, particles to standard output" cmp -s end.csv stdout
flow "options with =" --source=start.csv --steps=25 --out=same.csv
check "mean the same" cmp -s end.csv same.csv
flow "standardized" --source start.csv --standardize --steps 0 --out same.csv
check "keeps the units of the file" awk -F, 'FNR == NR { a[FNR] = $1; b[FNR] = $2; next }
  FNR > 1 && (($1 - a[FNR]) ^ 2 > 1e-24 * a[FNR] ^ 2 || ($2 - b[FNR]) ^ 2 > 1e-24 * b[FNR] ^ 2) { exit 1 }' start.csv same.csv
flow "--set" --source start.csv --steps 500 --set stall=0.5 --trace trace.csv --out same.csv
check "stall ends a run" test "$(wc -l <trace.csv)" -lt 400
flow "tolerance" --source start.csv --steps 500 --tolerance 1e-3 --trace trace.csv --out same.csv
check "tolerance ends a run" awk -F, 'END { exit !($4 <= 1e-3 && NR < 400) }' trace.csv
flow "defaults are accepted everywhere" --source start.csv --steps 1 --transport explicit --center new --splitting lie \
  --step-control monotone --rejuvenate none --tau auto --eta auto --out same.csv
flow "absurd sizes still descend" --source start.csv --steps 10 --tau 1e12 --eta 1e9 --trace trace.csv --out same.csv
check "absurd sizes never go up" awk -F, 'NR > 2 && $4 > last { exit 1 } { last = $4 }' trace.csv
printf 'x,y,weight\n1,50,0.5\n2,60,0\n3,70,1.5\n' >weighted.csv
flow "weights of a source are kept" --source weighted.csv --steps 0 --out same.csv
check "as they are" awk -F, 'NR > 1 { s += $3 } END { exit !(s == 2 && NR == 4) }' same.csv
printf 'a,b\n1,7\n2,7\n5,7\n' >constant.csv
runs "standardize with a constant column" flow --target constant.csv --particles 2 --standardize --kernel gaussian:1 --geometry ift --steps 2 --out same.csv
check "the constant stays" awk -F, 'NR > 1 && $2 != 7 { exit 1 }' same.csv
finish
