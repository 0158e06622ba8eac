#!/bin/sh
# Plots: the script always, pictures where there is gnuplot.
. "$(dirname "$0")/harness"
flow="flow --target $faithful --particles 25 --geometry spherical-ift --kernel gaussian:2 --steps 20 --out o.csv"
awk 'BEGIN { print "x"; for (i = 0; i < 300; i++) print (i * i * 7919 % 1000) / 100 }' >line.csv
awk -v OFS=, 'BEGIN { for (i = 0; i < 300; i++) print (i * 7919 % 1009) / 100, (i * 104729 % 1013) / 50, (i * i) % 17, i % 5, (i * 31 % 7) }' >five.csv
printf 'a,b\n1,1\n1,1\n1,1\n' >point.csv
awk 'BEGIN { for (i = 0; i < 40; i++) { for (j = 0; j < 12; j++) printf "%s%g", j ? "," : "", sin(i * j + j) ; print "" } }' >twelve.csv

# pictures ENDING NAME ARGUMENTS...
pictures() {
  ending=$1 name=$2
  shift 2
  runs "$name.$ending" "$@" --plot "$name.$ending"
  check "$name.$ending is there" test -s "$name.$ending"
  case $ending in
    svg) check "$name.svg is SVG" sh -c 'grep -q "<svg" "$1" && tail -n 3 "$1" | grep -q "</svg>"' sh "$name.svg" ;;
    png) check "$name.png is PNG" sh -c 'head -c 4 "$1" | tail -c 3 | grep -qx PNG' sh "$name.png" ;;
    gp) check "$name.gp has its data" grep -q '^\$target << EOD' "$name.gp" ;;
  esac
}
have=
command -v gnuplot >/dev/null 2>&1 && have=yes
for ending in gp ${have:+svg png}; do
  # shellcheck disable=SC2086 # $flow is a list of words
  {
    pictures $ending flow $flow
    pictures $ending flow-trace $flow --trace t.csv
  }
  pictures $ending compress compress --target "$faithful" --particles 9 --standardize --effort low --out o.csv
  pictures $ending line flow --target line.csv --particles 9 --geometry spherical-ift --steps 9 --out o.csv --trace t.csv
  pictures $ending five flow --target five.csv --particles 9 --geometry spherical-wfr --steps 9 --out o.csv
  pictures $ending twelve flow --target twelve.csv --particles 9 --geometry ift --steps 9 --out o.csv
  pictures $ending point flow --target point.csv --particles 2 --kernel gaussian:1 --geometry wasserstein --steps 1 --out o.csv --trace t.csv
done
if [ -n "$have" ]; then
  # what gnuplot has to say of a script that is run by hand
  for name in flow flow-trace compress line five twelve point; do
    check "gnuplot reads $name.gp" sh -c 'gnuplot -e "set terminal svg; set output \"by-hand.svg\"" "$1" 2>complaints' sh $name.gp
  done
else
  echo "# no gnuplot: only scripts were looked at"
fi
check "the decay is in the plot of a run with a trace" grep -q '^\$trace << EOD' flow-trace.gp
check "and not in that of one without" sh -c '! grep -q "^.trace << EOD" flow.gp'

# shellcheck disable=SC2086
{
  refused "a plot of no known ending" "svg or .png" $flow --plot plot.pdf
  refused "a plot without an ending" "svg or .png" $flow --plot plot
  refused "a plot to standard output" "svg or .png" $flow --plot -
  mkdir empty
  path=$PATH
  PATH=$scratch/empty
  "$ift" $flow --plot missing.svg >stdout 2>stderr
  status=$?
  PATH=$path
}
check "without gnuplot: exit status 2" test $status -eq 2
check "without gnuplot: one line that names it" sh -c 'test "$(wc -l <stderr)" -eq 1 && grep -q gnuplot stderr'
check "without gnuplot: no picture" test ! -e missing.svg
printf '#!/bin/sh\necho "line 0: bad thing" >&2\nexit 1\n' >empty/gnuplot
chmod +x empty/gnuplot
echo old >keep.csv
PATH=$scratch/empty:$PATH
refused "gnuplot that fails" "gnuplot failed: .*bad thing" flow --target "$faithful" --particles 5 --geometry ift --steps 2 --out keep.csv \
  --plot failing.svg
finish
