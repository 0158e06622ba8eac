#!/bin/sh
# Ctrl-C: stop after the step, write what there is, exit with 130.
. "$(dirname "$0")/harness"

# background ARGUMENTS...: starts `ift` and waits until it is at work, which the size of the trace in progress tells
background() {
  "$ift" "$@" >stdout 2>stderr </dev/null &
  pid=$!
  tries=0
  while [ -z "$(find . -name '.ift*.csv' -size +0)" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}
long="--target $faithful --kernel gaussian:2"

# shellcheck disable=SC2086 # $long is a list of words
background flow $long --particles 50 --geometry spherical-ift --steps 2000000000 --out out.csv --trace trace.csv --plot plot.gp
kill -INT $pid
wait $pid
check "exit status 130" test $? -eq 130
check "particles are written" test "$(wc -l <out.csv)" -eq 51
check "the trace is written" awk -F, 'NF != 11 { bad = 1 } END { exit bad || !(NR > 2) }' trace.csv
check "the plot is written" test -s plot.gp
check "nothing on standard error" test ! -s stderr
check "nothing left behind" test -z "$(find . -name '.ift*')"
steps=$(column step trace.csv | tail -n 1)
# shellcheck disable=SC2086
"$ift" flow $long --particles 50 --geometry spherical-ift --steps "$steps" --out same.csv
check "what is written is a flow of that many steps" cmp -s out.csv same.csv

rm -f out.csv trace.csv
awk -v OFS=, 'BEGIN { print "x", "y"; for (i = 0; i < 4000; i++) print (i * 7919 % 1009) / 100, (i * 104729 % 1013) / 100 }' >many.csv
background compress --target many.csv --kernel gaussian:0.5 --particles 200 --effort high --out out.csv --trace trace.csv
kill -INT $pid
wait $pid
status=$?
check "compress: exit status 130" test $status -eq 130
check "compress: particles are written" awk 'END { exit !(NR > 1 && NR <= 201) }' out.csv

rm -f out.csv trace.csv
# shellcheck disable=SC2086
background flow $long --particles 50 --geometry spherical-ift --steps 2000000000 --out out.csv --trace trace.csv
kill -TERM $pid
wait $pid
check "SIGTERM ends it" test $? -eq 143
check "SIGTERM leaves no file" test ! -e out.csv -a ! -e trace.csv -a -z "$(find . -name '.ift*')"
finish
