#!/bin/sh
# Output files: all or none; devices and pipes.
. "$(dirname "$0")/harness"
args="flow --target $faithful --particles 12 --geometry spherical-ift --kernel gaussian:2 --steps 5"

echo old >out.csv
echo old >trace.csv
mkdir directory
ln -s directory/new.csv dangling.csv
# shellcheck disable=SC2086 # $args is a list of words
{
  refused "out into a missing directory" "missing/out.csv: can't be written" $args --out missing/out.csv --trace trace.csv
  refused "trace into a missing directory" "missing/t.csv: can't be written" $args --out out.csv --trace missing/t.csv
  refused "plot into a missing directory" "missing/p.gp: can't be written" $args --out out.csv --trace trace.csv --plot missing/p.gp
  refused "out is a directory" "directory: can't be written" $args --out directory --trace trace.csv
  refused "out ends in a slash" "new/: can't be written" $args --out new/
  refused "out goes through a file" "can't be written" $args --out out.csv/x.csv
  refused "out is an empty name" "--out" $args --out "" --trace trace.csv

  refused "a name too long" "can't be written" $args --out "$(printf '%0300d' 0).csv"
  if [ "$(id -u)" -ne 0 ]; then
    echo old >readonly.csv && chmod 444 readonly.csv
    refused "out is read-only" "can't be written" $args --out readonly.csv
    mkdir closed && chmod 555 closed
    refused "out into a read-only directory" "can't be written" $args --out closed/x.csv
  fi
  if [ -w /dev/full ]; then
    refused "particles to a full disk" "can't be written" $args --out /dev/full --trace trace.csv
    refused "trace to a full disk" "can't be written" $args --out out.csv --trace /dev/full
    refused "plot to a full disk" "can't be written" $args --out out.csv --plot full.gp --trace /dev/full
  fi
  for target in mmd2 bandwidth info; do
    [ -w /dev/full ] || continue
    case $target in
      mmd2) set -- mmd "$faithful" "$faithful" ;;
      bandwidth) set -- bandwidth "$faithful" ;;
      info) set -- info ;;
    esac
    "$ift" "$@" >/dev/full 2>stderr
    check "$target to a full disk" test $? -eq 2 -a "$(wc -l <stderr)" -eq 1
    "$ift" "$@" >&- 2>stderr
    check "$target to a closed standard output" test $? -eq 2 -a "$(wc -l <stderr)" -eq 1
  done
  "$ift" $args --trace trace.csv >&- 2>stderr
  check "particles to a closed standard output" test $? -eq 2 -a "$(cat trace.csv)" = old

  runs "all outputs" $args --out out.csv --trace trace.csv --plot plot.gp
  check "are there" test "$(wc -l <out.csv)" -eq 13 -a "$(wc -l <trace.csv)" -eq 7 -a -s plot.gp
  check "and nothing else" test "$(find . -name '.ift*' | wc -l)" -eq 0
  cp out.csv first.csv

  ln -s out.csv link.csv
  echo old >out.csv
  runs "out through a link" $args --out link.csv
  check "the link stays and the file is written" test -L link.csv -a "$(wc -l <out.csv)" -eq 13
  runs "out through a link to what is not there yet" $args --out dangling.csv
  check "makes the file" test -L dangling.csv -a "$(wc -l <directory/new.csv)" -eq 13
  chmod 640 out.csv
  runs "out over a file" $args --out out.csv
  check "its mode stays" test "$(stat -c %a out.csv 2>/dev/null || stat -f %Lp out.csv)" = 640
  (umask 027 && "$ift" $args --out fresh.csv)
  check "a new file has the mode of the umask" test "$(stat -c %a fresh.csv 2>/dev/null || stat -f %Lp fresh.csv)" = 640
  cp first.csv source.csv
  runs "out over the source" flow --target "$faithful" --source source.csv --geometry spherical-ift --kernel gaussian:2 --steps 5 --out source.csv
  check "is fine" test "$(wc -l <source.csv)" -eq 13

  "$ift" $args --out - >stdout
  check "standard output by -" cmp -s stdout first.csv
  "$ift" $args --out /dev/stdout >stdout
  check "standard output by /dev/stdout" cmp -s stdout first.csv
  "$ift" $args --out /dev/stdout | cat >stdout
  check "a pipe by /dev/stdout" cmp -s stdout first.csv
  "$ift" $args --out /dev/null --trace t.csv
  check "/dev/null stays a device" test -c /dev/null -a -s t.csv
  mkfifo fifo
  cat fifo >got &
  "$ift" $args --out fifo
  wait
  check "a named pipe" cmp -s got first.csv
  check "stays one" test -p fifo
  cat fifo >got &
  "$ift" $args --trace fifo --out o.csv
  wait
  check "trace into a named pipe" test "$(wc -l <got)" -eq 7

}

# a reader that goes away
rm -f o.csv
long="flow --target $faithful --particles 12 --geometry spherical-ift --kernel gaussian:2 --steps 20000"
# shellcheck disable=SC2086
{ "$ift" $long --trace - --out o.csv 2>stderr; echo $? >status; } | head -n 1 >/dev/null
check "a closed pipe: exit status 2" test "$(cat status)" = 2
check "a closed pipe: one line" test "$(wc -l <stderr)" -eq 1
check "a closed pipe: no other file" test ! -e o.csv
check "nothing left behind" test "$(find . -name '.ift*' | wc -l)" -eq 0
finish
