#!/bin/sh
# Bad input: one line, exit status 2, nothing written.
. "$(dirname "$0")/harness"

echo old >out.csv
echo old >trace.csv

# bad NAME PATTERN TEXT: a file with that text, by all that read files
bad() {
  printf "$3" >bad.csv
  refused "bandwidth: $1" "$2" bandwidth bad.csv
  refused "mmd, first file: $1" "$2" mmd --kernel gaussian:1 bad.csv "$faithful"
  refused "mmd, second file: $1" "$2" mmd --kernel gaussian:1 "$faithful" bad.csv
  refused "compress: $1" "$2" compress --target bad.csv --particles 2 --kernel gaussian:1 --out out.csv --trace trace.csv
  refused "flow, target: $1" "$2" flow --target bad.csv --source "$faithful" --geometry ift --kernel gaussian:1 --steps 1 --out out.csv
  refused "flow, source: $1" "$2" flow --target "$faithful" --source bad.csv --geometry ift --kernel gaussian:1 --steps 1 --out out.csv
}
bad "nan" 'bad.csv:3: ' 'a,b\n1,2\n3,nan\n4,5\n'
bad "infinity" 'bad.csv:2: ' 'a,b\n1,inf\n3,4\n4,5\n'
bad "minus infinity" 'bad.csv:4: ' 'a,b\n1,2\n3,4\n-inf,5\n'
bad "a number beyond the range" 'bad.csv:2: ' 'a,b\n1e999,2\n3,4\n4,5\n'
bad "a short row" 'bad.csv:4: ' 'a,b\n1,2\n3,4\n5\n'
bad "a long row" 'bad.csv:3: ' 'a,b\n1,2\n3,4,5\n5,6\n'
bad "text in a row" 'bad.csv:3: ' 'a,b\n1,2\nthree,4\n5,6\n'
bad "an empty field" 'bad.csv:3: ' 'a,b\n1,2\n,4\n5,6\n'
bad "a negative weight" 'bad.csv:3: ' 'a,b,weight\n1,2,1\n3,4,-0.5\n5,6,1\n'
bad "a weight that is no number" 'bad.csv:2: ' 'a,b,weight\n1,2,nan\n3,4,0.5\n5,6,1\n'
bad "no mass" 'bad.csv' 'a,b,weight\n1,2,0\n3,4,0\n5,6,0\n'
bad "weights only" 'bad.csv' 'weight\n1\n2\n3\n'
bad "nothing" 'bad.csv' ''
bad "a header only" 'bad.csv' 'a,b\n'
bad "binary" 'bad.csv' '\001\002\000\377\376PK\003\004\n\000\001\n'
bad "a cut NPY file" 'bad.csv' '\223NUMPY\001\000'
bad "NPY of no known type" 'bad.csv' "\\223NUMPY\\001\\000\\066\\000{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\\n"

gone=no-such-file.csv
for file in "$gone" . "$gone/x.csv" ""; do
  refused "bandwidth '$file'" "" bandwidth "$file"
  refused "compress --target '$file'" "" compress --target "$file" --particles 3 --out out.csv
done
refused "a missing file is named" "^ift: $gone: |$gone" bandwidth $gone
check "a name with a line feed stays one line" sh -c '"$1" bandwidth "a
b" 2>&1 | wc -l | grep -qx " *1"' sh "$ift"

printf 'x,y,z\n1,2,3\n4,5,7\n' >three.csv
refused "mmd of two dimensions" "three.csv: has 3 coordinates a row, but .* has 2" mmd --kernel gaussian:1 three.csv "$faithful"
refused "source of another dimension" "three.csv: has 3 coordinates a row, but .* has 2" flow --target "$faithful" --source three.csv \
  --geometry ift --kernel gaussian:1 --steps 1 --out out.csv
refused "two inputs from standard input" "standard input" mmd --kernel gaussian:1 - -
refused "target and source from standard input" "standard input" flow --target - --source - --geometry ift --steps 1

printf 'x\n1\n' >one.csv
printf 'x\n1\n1\n1\n1\n2\n' >same.csv
refused "bandwidth of one point" "one.csv: .*2" bandwidth one.csv
refused "bandwidth of points that coincide" "same.csv: .*0" bandwidth same.csv
refused "median kernel of points that coincide" "same.csv: .*0" compress --target same.csv --particles 2 --out out.csv

# Results that are no numbers.
printf 'x,y\n1e300,1\n-1e300,2\n3,4\n' >huge.csv
runs "huge coordinates have a bandwidth" bandwidth huge.csv
refused "a kernel that overflows" "" mmd --kernel polynomial:1,16 huge.csv "$faithful"
runs "huge coordinates are legal" mmd --kernel gaussian:1 huge.csv "$faithful"
runs "huge coordinates are legal in a flow" flow --target huge.csv --particles 3 --kernel gaussian:1 --geometry spherical-ift --steps 3
refused "a flow that leaves the numbers" "" flow --target "$faithful" --particles 20 --kernel polynomial:1,8 --geometry wasserstein \
  --step-control fixed --tau 1e60 --steps 50 --out out.csv --trace trace.csv

# Names and values.
go() {
  name=$1 pattern=$2
  shift 2
  refused "$name" "$pattern" flow --target "$faithful" --out out.csv --trace trace.csv "$@"
}
ok="--particles 5 --geometry spherical-ift --steps 2"
# shellcheck disable=SC2086 # $ok is a list of words
{
  go "unknown geometry" "ifft" --particles 5 --steps 2 --geometry ifft
  go "unknown reaction" "mirror" $ok --reaction mirrors
  go "reaction of another geometry" "reaction" --particles 5 --steps 2 --geometry spherical-wfr --reaction exponential
  go "unknown kernel" "gauss" $ok --kernel gauss:1
  go "kernel without its scale" "gaussian" $ok --kernel gaussian
  go "kernel of scale 0" "gaussian" $ok --kernel gaussian:0
  go "kernel of a negative scale" "gaussian" $ok --kernel gaussian:-1
  go "kernel of an infinite scale" "gaussian" $ok --kernel gaussian:inf
  go "kernel that ends early" "gaussian" $ok --kernel 0.5*gaussian:1+
  go "median where it is not known" "laplace" $ok --kernel laplace:median
  go "empty kernel" "" $ok --kernel ""
  go "negative tau" "tau" $ok --tau -1
  go "infinite tau" "tau" $ok --tau inf
  go "tau that is no number" "tau" $ok --tau nan
  go "tau that is text" "tau" $ok --tau big
  go "negative eta" "eta" $ok --eta=-0.5
  go "unknown step control" "monotone.fixed" $ok --step-control armijo
  go "unknown center" "new.old" $ok --center mid
  go "unknown rejuvenation" "none.target.insert" $ok --rejuvenate all
  go "eta without a reaction" "eta" --particles 5 --steps 2 --geometry wasserstein --eta 1
  go "tau without transport" "tau" --particles 5 --steps 2 --geometry spherical-mmd --tau 1
  go "negative tolerance" "tolerance" $ok --tolerance -1
  go "--set without a value" "NAME=VALUE" $ok --set stall
  go "--set of an unknown option" "stal" $ok --set stal=0.1
  go "--set out of range" "stall" $ok --set stall=2
  go "--set of a quantity" "energy" $ok --set energy=1
  go "--set of what is given already" "tau is given twice" $ok --tau 1 --set tau=2
  go "--set twice" "tau is given twice" $ok --set tau=1 --set tau=2
  go "negative seed" "seed" $ok --seed -1
  go "seed too large" "seed" $ok --seed 9223372036854775808
  go "seed that is no whole number" "seed" $ok --seed 1.5
  go "no threads" "threads" $ok --threads 0
  go "too many threads" "threads" $ok --threads 1025
  go "trace-every 0" "trace-every" $ok --trace-every 0
}
for number in 0 -1 1.5 1e3 2147483648 99999999999999999999 "" " 3" 3x; do
  go "particles '$number'" "--particles is '$number'; allowed are whole numbers from 1 to 2147483647" --geometry ift --steps 1 --particles "$number"
  refused "compress, particles '$number'" "--particles is '$number'; allowed are" compress --target "$faithful" --particles "$number" --out out.csv
done
for number in -1 1.5 2147483648 "" x; do
  go "steps '$number'" "--steps is '$number'; allowed are whole numbers from 0 to 2147483647" --geometry ift --particles 3 --steps "$number"
done
go "more particles than points" "--particles is 273, but the target has 272 points" --particles 273 --geometry ift --steps 1
refused "unknown effort" "low.normal.high" compress --target "$faithful" --particles 3 --effort extreme --out out.csv
refused "negative tolerance of compress" "tolerance" compress --target "$faithful" --particles 3 --tolerance -1 --out out.csv
refused "compress --set of an option of a flow" "eta" compress --target "$faithful" --particles 3 --set eta=1 --out out.csv
printf 'x,y,weight\n1,2,3\n4,5,6\n' >weighted.csv
refused "mmd of unequal masses by a conditionally positive definite kernel" "mass" mmd --kernel energy weighted.csv "$faithful"
finish
