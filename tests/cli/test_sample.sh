#!/bin/sh
# ift sample: particles for a density.
. "$(dirname "$0")/harness"
header=step,transport_time,reaction_time,energy,mmd2,mass,alive,transport_dissipation,reaction_dissipation,gap,seconds

echo old >out.csv
echo old >trace.csv
cat >two.json <<'END'
{"weights": [0.35, 0.65], "means": [[0, 3], [4, -1]],
 "covariances": [[[1, 0.3], [0.3, 0.5]], [[0.6, -0.2], [-0.2, 1.5]]]}
END
printf '{"weights": [1], "means": [[2]], "covariances": [[[3]]]}' >line.json
sample() {
  name=$1
  shift
  runs "$name" sample --target-gmm two.json "$@"
}

# ---- what it gives ----
sample "a sample" --particles 60 --out end.csv --trace t.csv
check "has a header" test "$(head -n 1 end.csv)" = x1,x2,weight
check "has all particles" test "$(wc -l <end.csv)" -eq 61
check "the report has a line for each of its names" test "$(cut -d' ' -f1 stdout | tr '\n' ' ')" = \
  "particles effective_size mmd2 mean_error covariance_error component_0 component_1 modes effective_fraction evaluations steps kernel "
check "and numbers" awk 'NF != 2 { exit 1 } $1 != "kernel" && $2 !~ /^[0-9.e+-]+$/ { exit 1 }' stdout
cp stdout told
holds "particles" "n == 60" "n=$(value particles told)"
holds "effective_size is that of the weights" "(a - b) ^ 2 < 1e-18" "a=$(value effective_size told)" \
  "b=$(column weight end.csv | awk '{ s += $1; q += $1 * $1 } END { printf "%.17g", s * s / q }')"
holds "mmd2 is small" "v > 0 && v < 0.01" "v=$(value mmd2 told)"
holds "the mean is near" "v > 0 && v < 0.3" "v=$(value mean_error told)"
holds "the covariance is near" "v > 0 && v < 0.3" "v=$(value covariance_error told)"
holds "the components have their mass" "(a - 0.35) ^ 2 < 0.01 && (a + b - 1) ^ 2 < 1e-20" "a=$(value component_0 told)" "b=$(value component_1 told)"
runs "the particles as a source" flow --target-gmm two.json --source end.csv --kernel "$(value kernel told)" --geometry mmd --steps 0 \
  --out copy.csv --trace u.csv
check "read back bit for bit" cmp -s end.csv copy.csv
holds "their mmd2 is what was told" "(a - b) ^ 2 < 1e-24" "a=$(value mmd2 told)" "b=$(column mmd2 u.csv)"
check "their mean is what was told" awk -F, -v told="$(value mean_error told)" 'NR > 1 { s += $3; x += $3 * $1; y += $3 * $2 }
  END { x = x / s - 2.6; y = y / s - 0.4; e = sqrt((4.79 * x * x + 2 * 3.665 * x * y + 4.38 * y * y) / (4.38 * 4.79 - 3.665 ^ 2))
    exit !((e - told) ^ 2 < 1e-20) }' end.csv
sample "once more" --particles 60 --threads 1 --out same.csv
check "the seed fixes the result, threads don't matter" cmp -s end.csv same.csv
check "and the report" cmp -s stdout told
sample "another seed" --particles 60 --seed 5 --out same.csv
check "is another sample" sh -c '! cmp -s end.csv same.csv'
"$ift" sample --target-gmm - --particles 60 <two.json >stdout 2>stderr
check "standard input to standard output" cmp -s end.csv stdout
check "then the report is on standard error" cmp -s stderr told
sample "to NPY" --particles 60 --out end.npy
check "has the magic" test "$(head -c 6 end.npy | tail -c 5)" = NUMPY
runs "one dimension" sample --target-gmm line.json --particles 20 --out o.csv
check "has one coordinate" test "$(head -n 1 o.csv)" = x1,weight
"$ift" sample --target-gmm two.json --particles 1 --out o.csv >stdout 2>stderr
check "one particle can't have a covariance: a remark" grep -q "^ift: note: 1 particle can't have the moments" stderr
check "is one row of mass 1" awk -F, 'NR == 2 { exit !(($3 - 1) ^ 2 < 1e-24) }' o.csv

# ---- how good it is ----
# mixture DIM WEIGHT PLACE SD...: components around points of the first axis, into m.json
mixture() {
  dim=$1
  shift
  echo "$@" | awk -v d="$dim" '{
    for (k = 0; k < NF / 3; k++) {
      w = w (k ? ", " : "") $(3 * k + 1); mean = cov = ""
      for (i = 0; i < d; i++) {
        mean = mean (i ? ", " : "") (i ? 0 : $(3 * k + 2)); row = ""
        for (j = 0; j < d; j++) row = row (j ? ", " : "") (i == j ? $(3 * k + 3) ^ 2 : 0)
        cov = cov (i ? ", " : "") "[" row "]"
      }
      m = m (k ? ", " : "") "[" mean "]"; c = c (k ? ", " : "") "[" cov "]"
    }
    print "{\"weights\": [" w "], \"means\": [" m "], \"covariances\": [" c "]}" }' >m.json
}
# Masses to 0.03, the mean to 0.05 standard deviations, the covariance to 0.1.
good() {
  name="in dimension $*"
  mixture "$@"
  runs "$name" sample --target-gmm m.json --particles 200 --seed 3 --out o.csv
  shift
  check "$name: as good as promised" awk -v given="$*" 'BEGIN { split(given, w, " ") }
    $1 == "mean_error" { bad = bad || !($2 < 0.05); n++ } $1 == "covariance_error" { bad = bad || !($2 < 0.1); n++ }
    sub(/^component_/, "", $1) { e = $2 - w[3 * $1 + 1]; bad = bad || !(e * e < 0.03 ^ 2); n++ } END { exit bad || n < 3 }' stdout
}
good 1 0.5 0 2 0.5 12 0.3
good 2 1 10 0.5
good 2 0.3 -5 1 0.4 0 1 0.3 5 1
good 3 0.5 0 2 0.5 0 0.3
good 5 0.9 12 2 0.1 0 0.3
awk 'BEGIN { for (k = 0; k < 49; k++) { s = k ? ", " : ""; w = w s (k ? 0.02 : 0.04); c = c s "[[0.01, 0], [0, 0.01]]"
  m = m s "[" 3 * (k % 7) - 9 ", " 3 * int(k / 7) - 9 "]" } print "{\"weights\": [" w "], \"means\": [" m "], \"covariances\": [" c "]}" }' >m.json
"$ift" sample --target-gmm m.json --particles 60 --out o.csv >stdout 2>stderr
check "49 modes: 40 are found" grep -q "^modes 40$" stdout
check "and a remark says that there may be more" grep -q "^ift: note: the search ended at 40 modes" stderr
mixture 6 1 0 1
"$ift" sample --target-gmm m.json --particles 60 --out o.csv >stdout 2>stderr
check "six dimensions: a remark" grep -q "^ift: note: in 6 dimensions or more the search may miss narrow modes" stderr

# ---- where it starts ----
sample "the default start, said" --particles 60 --start 5 --out same.csv
check "is the same" cmp -s end.csv same.csv
sample "a start nearby" --particles 60 --start=0.5 --out same.csv
check "is another" sh -c '! cmp -s end.csv same.csv'
awk 'BEGIN { print "x,y,weight"; for (i = 0; i < 80; i++) print i % 9 - 3 "," i % 7 - 3 "," 1 + i % 2 }' >start.csv
sample "a source" --particles 80 --source start.csv --out a.csv
check "all of its rows take part" test "$(wc -l <a.csv)" -eq 81
awk -F, 'NR == 1 { print } NR > 1 { print $1 "," $2 "," $3 / 4 }' start.csv >light.csv
sample "a source of another mass" --particles 80 --source light.csv --out b.csv
check "is the same" cmp -s a.csv b.csv
sample "a part of a source" --particles 30 --source start.csv --out c.csv
check "has as many as asked for" test "$(wc -l <c.csv)" -eq 31
check "mass is 1" awk -F, 'NR > 1 { s += $3 } END { exit !((s - 1) ^ 2 < 1e-24) }' c.csv
"$ift" sample --target-gmm two.json --particles 80 --source - <start.csv >stdout 2>stderr
check "a source from standard input" cmp -s a.csv stdout

# ---- trace and picture ----
check "the trace has its header" test "$(head -n 1 t.csv)" = $header
check "eleven fields in each row" awk -F, 'NF != 11 { exit 1 }' t.csv
check "a row a step" awk -F, 'NR > 1 && $1 != NR - 2 { bad = 1 } END { exit bad || !(NR > 2) }' t.csv
holds "as many as told" "a == b" "a=$(value steps told)" "b=$(column step t.csv | tail -n 1)"
check "the flow is one of an MMD" awk -F, 'NR > 1 && ($5 - 2 * $4) ^ 2 > 1e-20 { exit 1 }' t.csv
check "energy goes down" awk -F, 'NR > 2 && $4 > e { bad = 1 } { e = $4 } END { exit bad }' t.csv
check "times go forward" awk -F, 'NR > 2 && !($2 >= t && $3 >= r) { exit 1 } NR > 1 { t = $2; r = $3 }' t.csv
check "the last row is whole" awk -F, 'END { exit !($2 > 0 && $4 != "" && ($6 - 1) ^ 2 < 1e-20 && $7 > 0) }' t.csv
sample "every 7th row" --particles 60 --out same.csv --trace u.csv --trace-every 7
check "of the same run" cmp -s end.csv same.csv
check "first, each 7th, last" awk -F, -v last="$(value steps told)" 'NR > 1 && $1 % 7 != 0 && $1 != last { bad = 1 } NR == 2 && $1 != 0 { bad = 1 } END { exit bad || !($1 == last && NR > 9) }' u.csv
"$ift" sample --target-gmm two.json --particles 9 --trace - --out o.csv >stdout 2>stderr
check "a trace to standard output: the report is on standard error" sh -c 'test "$(head -n 1 stdout)" = "$1" && ! grep -q mmd2\  stdout && grep -q "^mmd2 " stderr' sh $header
have=
command -v gnuplot >/dev/null 2>&1 && have=yes
for ending in gp ${have:+svg png}; do
  sample "plot.$ending" --particles 20 --out o.csv --trace u.csv --plot plot.$ending
  check "plot.$ending is there" test -s plot.$ending
done
check "target, start, particles and decay are in it" sh -c 'for name in target start alive trace; do grep -q "^.$name << EOD" plot.gp || exit 1; done'

# ---- what is refused ----
go() {
  name=$1 pattern=$2
  shift 2
  refused "$name" "$pattern" sample --out out.csv --trace trace.csv "$@"
}
go "no target" "sample needs --target-gmm FILE" --particles 3
go "no particles" "sample needs --particles N" --target-gmm two.json
go "points as the target" "sample has no option --target;" --target "$faithful" --particles 3
for number in 0 -1 1.5 2147483648 "" x; do
  go "particles '$number'" "--particles is '$number'; allowed are whole numbers from 1" --target-gmm two.json --particles "$number"
done
for number in 0 -1 inf nan 1e999 "" x "1 " 0x2; do
  go "start '$number'" "--start is '$number'; it must be a number > 0" --target-gmm two.json --particles 3 --start="$number"
done
go "two starts" "--source and --start exclude each other" --target-gmm two.json --particles 3 --source start.csv --start 1
go "too small a source" "start.csv: --particles is 81, but there are 80 to start from" --target-gmm two.json --particles 81 --source start.csv
go "a source of another dimension" "start.csv: has 2 coordinates a row, but line.json has 1" --target-gmm line.json --particles 3 --source start.csv
go "a source that is not there" "gone.csv: " --target-gmm two.json --particles 3 --source gone.csv
go "both from standard input" "--target-gmm and --source both read standard input" --target-gmm - --particles 3 --source -
go "a start outside the numbers" "log-density" --target-gmm two.json --particles 3 --start 1e300
go "a bad seed" "seed" --target-gmm two.json --particles 3 --seed -1
go "no threads" "threads" --target-gmm two.json --particles 3 --threads 0
go "trace-every 0" "trace-every" --target-gmm two.json --particles 3 --trace-every 0
go "a plot of no known ending" "svg or .png" --target-gmm two.json --particles 3 --plot plot.pdf
for option in kernel standardize geometry energy set tau steps effort; do
  go "--$option" "sample has no option --$option" --target-gmm two.json --particles 3 --$option x
done
refused "a missing folder" "missing/o.csv: can't be written" sample --target-gmm two.json --particles 3 --out missing/o.csv --trace trace.csv

# ---- Ctrl-C ----
rm -f out.csv trace.csv
"$ift" sample --target-gmm two.json --particles 3000 --out out.csv --trace trace.csv >stdout 2>stderr </dev/null &
pid=$!
tries=0
while [ -z "$(find . -name '.ift*.csv' -size +0)" ] && [ $tries -lt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
kill -INT $pid
wait $pid
check "Ctrl-C: exit status 130" test $? -eq 130
check "Ctrl-C: particles are written" test "$(wc -l <out.csv)" -eq 3001
check "Ctrl-C: the trace is written" awk -F, 'NF != 11 { bad = 1 } END { exit bad || !(NR > 1) }' trace.csv
holds "Ctrl-C: the report tells of fewer steps" "a == b && a < c" "a=$(value steps stdout)" "b=$(column step trace.csv | tail -n 1)" "c=$(value steps told)"
check "Ctrl-C: nothing left behind" test -z "$(find . -name '.ift*')"
finish
