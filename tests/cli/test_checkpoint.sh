#!/bin/sh
# Checkpoints: a run that is cut in two gives the bytes of one that is not.
. "$(dirname "$0")/harness"

go="--target $faithful --particles 20 --geometry spherical-ift --kernel gaussian:2 --set noise=0.1 --seed 3"
# shellcheck disable=SC2086 # $go is a list of words

runs "a whole run" flow $go --steps 50 --out whole.csv --trace whole-trace.csv
runs "its first part" flow $go --steps 30 --out part.csv --checkpoint state
runs "the rest" flow $go --steps 50 --out joined.csv --trace rest.csv --checkpoint state --resume
check "the same particles" cmp whole.csv joined.csv
sed -n '32,$p' whole-trace.csv | cut -d, -f1-10 >expected
sed -n '2,$p' rest.csv | cut -d, -f1-10 >found
check "the rest of the trace" cmp expected found
runs "again, with nothing to do" flow $go --steps 50 --out same.csv --checkpoint state --resume
check "the same particles again" cmp whole.csv same.csv
runs "with another option" flow $go --steps 60 --out other.csv --checkpoint state --resume --tau 0.001
check "which is in force" awk -F, 'NR == FNR { row[FNR] = $0; next } $0 == row[FNR] { same++ } END { exit same > 1 }' whole.csv other.csv

runs_with_note() { "$ift" "$@" >stdout 2>stderr </dev/null && grep -q "starts at step 0" stderr; }
# shellcheck disable=SC2086
check "no file yet" runs_with_note flow $go --steps 50 --out first.csv --checkpoint new --resume
check "that is a whole run" cmp whole.csv first.csv

cp state before
# shellcheck disable=SC2086
refused "beyond the end" "beyond --steps 10" flow $go --steps 10 --checkpoint state --resume
head -c 500 before >cut
# shellcheck disable=SC2086
refused "a file cut short" "cut: the checkpoint has 500 bytes" flow $go --steps 90 --checkpoint cut --resume
# shellcheck disable=SC2086
refused "no checkpoint" "no checkpoint of a flow" flow $go --steps 90 --checkpoint "whole.csv" --resume
check "which stays" test "$(wc -l <whole.csv)" -eq 21
# shellcheck disable=SC2086
refused "another target" "another energy, target or kernel" flow $go --standardize --steps 90 --checkpoint state --resume
# shellcheck disable=SC2086
refused "no --checkpoint" "resume needs --checkpoint FILE" flow $go --steps 90 --resume
# shellcheck disable=SC2086
refused "no interval" "numbers of seconds > 0" flow $go --steps 90 --checkpoint state --checkpoint-every never
# shellcheck disable=SC2086
refused "standard output" "needs a file of its own" flow $go --steps 90 --out out.csv --checkpoint -
check "the checkpoint is untouched by all of that" cmp before state

# Killed without warning: the last checkpoint on the way is there, whole.
rm -f state
# shellcheck disable=SC2086
"$ift" flow $go --steps 2000000000 --out out.csv --checkpoint state --checkpoint-every 0.05 >stdout 2>stderr </dev/null &
pid=$!
tries=0
while [ ! -s state ] && [ $tries -lt 100 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
kill -KILL $pid
wait $pid 2>>stderr
check "a checkpoint on the way" test -s state
rm -f .ift*
# shellcheck disable=SC2086
runs "goes on after that" flow $go --steps 2000000000 --set tolerance=1 --out rest.csv --trace rest-trace.csv --checkpoint state --resume
step=$(column step rest-trace.csv | head -n 1)
check "from a step on the way" test "$step" -gt 0
# shellcheck disable=SC2086
runs "the same steps at once" flow $go --steps "$step" --out direct.csv
check "the same particles" cmp direct.csv rest.csv
check "nothing left behind" test -z "$(find . -name '.ift*')"
finish
