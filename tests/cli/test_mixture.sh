#!/bin/sh
# Mixtures of Gaussians as the target of a flow: reading them, what is wrong with them, energies.
. "$(dirname "$0")/harness"

echo old >out.csv
cat >two.json <<'END'
{"weights": [0.35, 0.65], "means": [[0, 3], [4, -1]],
 "covariances": [[[1, 0.3], [0.3, 0.5]], [[0.6, -0.2], [-0.2, 1.5]]]}
END
weights='"weights": [0.25, 0.75]' means='"means": [[0, 3], [4, -1]]' covariances='"covariances": [[[1, 0], [0, 2]], [[3, 1], [1, 2]]]'

# bad NAME PATTERN TEXT: a file with that text
bad() {
  printf '%b' "$3" >bad.json
  refused "$1" "$2" flow --target-gmm bad.json --particles 3 --geometry ift --kernel gaussian:1 --steps 1 --out out.csv
  refused "sample: $1" "$2" sample --target-gmm bad.json --particles 3 --out out.csv
}
bad "nothing" 'bad\.json:1: ' ''
bad "an end that comes early" 'bad\.json:2: ' '{"weights": [1],\n"means": [[1'
bad "a comma too many" 'bad\.json:3: ' "{$weights, $means,\n$covariances,\n}"
bad "something behind it" 'bad\.json:2: ' "{$weights, $means, $covariances}\n{}"
bad "binary" 'bad\.json:1: ' '\0377\0376{'
bad "a zero byte" 'bad\.json:1: ' '{"wei\0000ghts": [1]}'
bad "NaN" 'bad\.json:2: ' "{$weights,\n\"means\": [[0, NaN], [4, -1]], $covariances}"
bad "Infinity" 'bad\.json:1: ' "{$weights, \"means\": [[0, -Infinity], [4, -1]], $covariances}"
bad "a number beyond the range" 'bad\.json:3: ' "{$weights,\n\n\"means\": [[0, 1e999], [4, -1]], $covariances}"
bad "a decimal comma" 'bad\.json: means\[0\] has 3 numbers|bad\.json: means\[1\]' "{$weights, \"means\": [[0,5, 3], [4, -1]], $covariances}"
bad "a member twice" 'bad\.json:3: .*weights' "{$weights, $means,\n$covariances,\n$weights}"
bad "an unknown member" 'bad\.json: unknown member "sigma"' "{$weights, $means, $covariances, \"sigma\": 1}"
bad "no weights" 'bad\.json: the member "weights" is missing' "{$means, $covariances}"
bad "no means" 'bad\.json: the member "means" is missing' "{$weights, $covariances}"
bad "no covariances" 'bad\.json: the member "covariances" is missing' "{$weights, $means}"
bad "an array" 'bad\.json: a mixture is an object .* this is an array' '[1]'
bad "a number" 'bad\.json' '1'
bad "weights that are a number" 'weights is a number; it must be an array of numbers' "{\"weights\": 1, $means, $covariances}"
bad "no components" 'weights is empty' '{"weights": [], "means": [], "covariances": []}'
bad "a weight that is text" 'weights\[1\] is text' "{\"weights\": [0.5, \"0.5\"], $means, $covariances}"
bad "a weight that is null" 'weights\[0\] is null' "{\"weights\": [null, 1], $means, $covariances}"
bad "a weight of 0" 'weights\[1\] is 0;' "{\"weights\": [1, 0], $means, $covariances}"
bad "a negative weight" 'weights\[0\] is -0\.5;' "{\"weights\": [-0.5, 1.5], $means, $covariances}"
bad "weights that don't sum to 1" 'sum to 1\.0000000' "{\"weights\": [0.25, 0.750000002], $means, $covariances}"
bad "too few means" 'means has 1 entry, weights has 2' "{$weights, \"means\": [[0, 3]], $covariances}"
bad "a mean that is longer" 'means\[1\] has 3 numbers, means\[0\] has 2' "{$weights, \"means\": [[0, 3], [4, -1, 2]], $covariances}"
bad "a mean that is a number" 'means\[0\] is a number; it must be an array' "{$weights, \"means\": [0, 3], $covariances}"
bad "means without numbers" 'means\[0\] is empty' "{$weights, \"means\": [[], []], $covariances}"
bad "a mean with an object in it" 'means\[1\]\[0\] is an object' "{$weights, \"means\": [[0, 3], [{}, -1]], $covariances}"
bad "too many covariances" 'covariances has 3 entries, weights has 2' "{$weights, $means, \"covariances\": [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[1, 0], [0, 1]]]}"
bad "a covariance of another size" 'covariances\[1\] has 1 row, means\[0\] has 2' "{$weights, $means, \"covariances\": [[[1, 0], [0, 1]], [[1]]]}"
bad "a ragged covariance" 'covariances\[1\]\[1\] has 1 number, means\[0\] has 2' "{$weights, $means, \"covariances\": [[[1, 0], [0, 1]], [[1, 0], [1]]]}"
bad "a covariance that is a vector" 'covariances\[0\]\[0\] is a number' "{$weights, $means, \"covariances\": [[1, 0], [0, 1]]}"
bad "an entry that is true" 'covariances\[0\]\[1\]\[0\] is true' "{$weights, $means, \"covariances\": [[[1, 0], [true, 1]], [[1, 0], [0, 1]]]}"
bad "a covariance that is not symmetric" 'covariances\[1\] is not symmetric' "{$weights, $means, \"covariances\": [[[1, 0], [0, 1]], [[1, 0.1], [0, 1]]]}"
bad "a covariance that is not positive definite" 'covariances\[0\] is not positive definite' "{$weights, $means, \"covariances\": [[[1, 2], [2, 1]], [[1, 0], [0, 1]]]}"
bad "a singular covariance" 'covariances\[1\] is not positive definite' "{$weights, $means, \"covariances\": [[[1, 0], [0, 1]], [[1, 0], [0, 0]]]}"
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "[" }' >deep.json
refused "deep nesting" 'deep\.json:1: ' sample --target-gmm deep.json --particles 3
printf '{"weights": %s1%s}' "$(awk 'BEGIN { for (i = 0; i < 1000; i++) printf "[" }')" "$(awk 'BEGIN { for (i = 0; i < 1000; i++) printf "]" }')" >deep.json
refused "nesting that JSON allows" 'deep\.json: the member "means" is missing' sample --target-gmm deep.json --particles 3
refused "a file that is not there" 'gone\.json: .*No such file' sample --target-gmm gone.json --particles 3
refused "a folder" '\.: can.t be read' sample --target-gmm . --particles 3
refused "no name" '' sample --target-gmm "" --particles 3
refused "a stream of zeros" '/dev/zero:1: ' sample --target-gmm /dev/zero --particles 3

go() {
  name=$1 pattern=$2
  shift 2
  refused "$name" "$pattern" flow --geometry spherical-ift --steps 2 --out out.csv "$@"
}
go "no target" "flow needs --target FILE, or --target-gmm FILE" --particles 3
go "two targets" "exclude each other" --target "$faithful" --target-gmm two.json --particles 3
go "kl without a density" "needs a target with a density: --target-gmm" --target "$faithful" --energy kl:1 --particles 3
for energy in kl kl: kl:0 kl:-1 kl:inf kl:nan kl:0x1 "kl: 1" kl:1x kl:1e999 potential sum ksd ""; do
  go "--energy '$energy'" "--energy is '$energy'; allowed are mmd and kl:BANDWIDTH" --target-gmm two.json --energy "$energy" --particles 3
done
go "an exact reaction of kl" "reaction 'exponential' needs" --target-gmm two.json --energy kl:1 --particles 3 --reaction exponential
go "langevin of mmd" "transport 'langevin' needs" --target-gmm two.json --particles 3 --transport langevin
go "a reaction of another geometry" "reaction" --target-gmm two.json --energy kl:1 --particles 3 --reaction mirror
go "a conditionally positive definite kernel for a reaction of kl" "positive definite" --target-gmm two.json --energy kl:1 --particles 3 --kernel energy
refused "a kernel that nothing uses" "no use for a kernel" flow --target-gmm two.json --energy kl:1 --geometry wasserstein --particles 3 --steps 1 \
  --kernel gaussian:1
go "both from standard input" "--target-gmm and --source both read standard input" --target-gmm - --source -
printf 'x,y,z\n1,2,3\n4,5,7\n' >three.csv
go "source of another dimension" "three.csv: has 3 coordinates a row, but two.json has 2" --target-gmm two.json --source three.csv

# ---- reading ----
flow() {
  name=$1
  shift
  runs "$name" flow --kernel gaussian:1 --geometry spherical-ift "$@"
}
flow "a mixture" --target-gmm two.json --particles 40 --steps 30 --out end.csv --trace t.csv
check "all particles are there" test "$(wc -l <end.csv)" -eq 41
check "the energy falls" awk -F, 'NR > 2 && $4 > last { bad = 1 } { last = $4 } END { exit bad || !(NR == 32) }' t.csv
check "mmd2 is twice the energy" awk -F, 'NR > 1 && ($5 - 2 * $4) ^ 2 > 1e-24 * $4 ^ 2 { exit 1 }' t.csv
check "there is no gap to a closed form" awk -F, 'NR > 1 && $10 != "" { exit 1 }' t.csv
printf '\357\273\277' | cat - two.json >mark.json
flow "a byte-order mark" --target-gmm mark.json --particles 40 --steps 30 --out same.csv
check "changes nothing" cmp -s end.csv same.csv
printf '{"means":[[0.0,30e-1],[4,-1]],\r\n"covariances":[[[1,0.3],[0.3,0.5]],[[0.6,-0.2],[-0.2,1.5]]],"weights":[35e-2,0.65]}' >other.json
flow "the same numbers in other words" --target-gmm other.json --particles 40 --steps 30 --threads 1 --out same.csv
check "is the same mixture" cmp -s end.csv same.csv
"$ift" flow --target-gmm - --particles 40 --steps 30 --kernel gaussian:1 --geometry spherical-ift <two.json >stdout 2>stderr
check "from standard input to standard output" cmp -s end.csv stdout
LC_ALL=de_DE.UTF-8 "$ift" flow --target-gmm two.json --particles 40 --steps 30 --kernel gaussian:1 --geometry spherical-ift >stdout 2>stderr
check "whatever the locale" cmp -s end.csv stdout
flow "17 digits" --target-gmm two.json --source end.csv --steps 0 --out copy.csv
check "read back bit for bit" cmp -s end.csv copy.csv
flow "another seed" --target-gmm two.json --particles 40 --steps 30 --seed 1 --out other.csv
check "draws others" sh -c '! cmp -s end.csv other.csv'

# ---- points drawn from it: moments within 5 standard errors ----
flow "a start drawn from the mixture" --target-gmm two.json --particles 20000 --steps 0 --out many.csv
check "has its moments" awk -F, 'NR > 1 { n++; x += $1; y += $2; xx += $1 * $1; xy += $1 * $2; yy += $2 * $2 }
  function near(a, b, scale) { return (a - b) ^ 2 < 25 * scale ^ 2 / n }
  END { x /= n; y /= n; exit !(n == 20000 && near(x, 2.6, 2.05) && near(y, 0.4, 2.2) && near(xx / n - x * x, 4.38, 5) &&
    near(xy / n - x * y, -3.665, 6) && near(yy / n - y * y, 4.79, 6)) }' many.csv
check "of weight 1/N" awk -F, 'NR > 1 && $3 != 0.00005 { exit 1 }' many.csv
runs "their distance" flow --target-gmm two.json --source many.csv --steps 0 --kernel gaussian:1 --geometry mmd --trace t.csv --out same.csv
holds "is that of a sample: (1 - kappa)/n" "v > 0 && v < 2e-4" "v=$(column mmd2 t.csv | tail -n 1)"

# ---- units ----
"$ift" flow --target-gmm two.json --particles 40 --steps 30 --geometry spherical-ift --out median.csv >stdout 2>stderr
check "the median bandwidth says what it was taken on" grep -qx 'ift: note: the median bandwidth was taken on 5000 points drawn from two.json' stderr
flow "standardized" --target-gmm two.json --source end.csv --standardize --steps 0 --out same.csv
check "keeps the units of the file" awk -F, 'FNR == NR { a[FNR] = $1; b[FNR] = $2; next }
  FNR > 1 && (($1 - a[FNR]) ^ 2 > 1e-24 || ($2 - b[FNR]) ^ 2 > 1e-24) { exit 1 }' end.csv same.csv
# z = (x - 2.6)/2.093, 0.4 and 2.189 for y: the mixture by hand in these units
awk 'BEGIN { sx = sqrt(4.38); sy = sqrt(4.79); printf "{\"weights\": [0.35, 0.65], \"means\": [[%.17g, %.17g], [%.17g, %.17g]],\n",
  -2.6 / sx, 2.6 / sy, 1.4 / sx, -1.4 / sy
  printf "\"covariances\": [[[%.17g, %.17g], [%.17g, %.17g]], [[%.17g, %.17g], [%.17g, %.17g]]]}", 1 / sx / sx, .3 / sx / sy, .3 / sx / sy,
  .5 / sy / sy, .6 / sx / sx, -.2 / sx / sy, -.2 / sx / sy, 1.5 / sy / sy }' >units.json
awk -F, -v OFMT=%.17g -v CONVFMT=%.17g 'NR == 1 { print } NR > 1 { print ($1 - 2.6) / sqrt(4.38) "," ($2 - 0.4) / sqrt(4.79) "," $3 }' other.csv >units.csv
for energy in mmd kl:0.4; do
  flow "$energy, standardized" --energy $energy --target-gmm two.json --source other.csv --standardize --steps 5 --trace t.csv --out same.csv
  flow "$energy, by hand" --energy $energy --target-gmm units.json --source units.csv --steps 5 --trace u.csv --out same.csv
  holds "$energy: both are the same" "(a - b) ^ 2 < 1e-18" "a=$(column energy t.csv | tail -n 1)" "b=$(column energy u.csv | tail -n 1)"
done

# ---- kl ----
for geometry in wasserstein mmd spherical-mmd fisher-rao spherical-fisher-rao ift spherical-ift wfr spherical-wfr; do
  case $geometry in *mmd | *ift) kernel=gaussian:1 ;; *) kernel=gaussian:median ;; esac
  runs "kl in $geometry" flow --target-gmm two.json --energy kl:0.4 --particles 20 --geometry $geometry --kernel $kernel --steps 20 \
    --out o.csv --trace t.csv
  check "kl in $geometry never goes up" awk -F, 'NR > 2 && $4 > last { bad = 1 } { last = $4 } END { exit bad || !(NR > 2) }' t.csv
  check "kl in $geometry has neither mmd2 nor gap" awk -F, 'NR > 1 && ($5 != "" || $10 != "") { exit 1 }' t.csv
done
for reaction in linearized newton positive gradient; do
  flow "kl with $reaction" --energy kl:0.4 --target-gmm two.json --particles 20 --reaction $reaction --steps 20 --out o.csv --trace t.csv
  check "kl with $reaction falls" awk -F, 'NR == 2 { first = $4 } END { exit !($4 < first) }' t.csv
done
for reaction in mirror hellinger birth-death; do
  for transport in explicit langevin; do
    runs "kl with $transport and $reaction" flow --energy kl:0.4 --target-gmm two.json --particles 50 --geometry spherical-wfr --steps 50 \
      --transport $transport --reaction $reaction --out o.csv --threads 1
    runs "kl with $transport and $reaction, again" flow --energy kl:0.4 --target-gmm two.json --particles 50 --geometry spherical-wfr --steps 50 \
      --transport $transport --reaction $reaction --out same.csv
    check "kl with $transport and $reaction: the seed fixes it" cmp -s o.csv same.csv
  done
done
flow "the kernel of a reaction" --energy kl:0.4 --target-gmm two.json --source other.csv --steps 20 --out a.csv
runs "another kernel" flow --energy kl:0.4 --target-gmm two.json --source other.csv --steps 20 --geometry spherical-ift --kernel imq:2 --out b.csv
check "is another flow" sh -c '! cmp -s a.csv b.csv'
"$ift" flow --energy kl:0.4 --target-gmm two.json --source other.csv --steps 20 --geometry spherical-wfr --out a.csv >stdout 2>stderr
check "no word about a kernel that nothing uses" test ! -s stderr

# ---- pictures ----
have=
command -v gnuplot >/dev/null 2>&1 && have=yes
printf '{"weights": [1], "means": [[2]], "covariances": [[[3]]]}' >line.json
awk 'BEGIN { printf "{\"weights\": [1], \"means\": [[1, 2, 3, 4, 5]], \"covariances\": [["
  for (i = 0; i < 5; i++) { printf "%s[", i ? "," : ""; for (j = 0; j < 5; j++) printf "%s%d", j ? "," : "", i == j ? 6 - i : 0; printf "]" } print "]]}" }' >five.json
for dim in line two five; do
  for ending in gp ${have:+svg}; do
    flow "$dim.$ending" --energy kl:0.5 --target-gmm $dim.json --particles 20 --steps 5 --out o.csv --trace t.csv --plot $dim.$ending
    check "$dim.$ending is there" test -s $dim.$ending
  done
done
check "the mixture is in the picture as points" awk '/^\$target << EOD/ { on = 1; next } /^EOD/ { if (on) exit } on { n++ } END { exit !(n == 5000) }' two.gp
finish
