#!/bin/sh
# Help, version, info, and what is said about a usage that can't be.
. "$(dirname "$0")/harness"

for words in --help help -h; do
  runs "ift $words" $words
  for command in compress flow sample mmd bandwidth info; do
    check "ift $words names $command" grep -Eq "^  $command " stdout
  done
done

for words in --version version; do
  runs "ift $words" $words
  check "ift $words is one line with a version" grep -Exq 'ift [0-9]+\.[0-9]+\.[0-9]+' stdout
done

for command in compress flow sample mmd bandwidth info; do
  runs "$command --help" $command --help
  check "$command --help has a usage line" grep -q "^usage: ift $command" stdout
  check "$command --help is at most 110 columns wide" awk 'length > 110 { exit 1 }' stdout
  cp stdout help
  runs "help $command" help $command
  check "help $command is the same" cmp -s help stdout
done
runs "--help among other arguments" flow --steps x --help

"$ift" flow --help >help
for option in target target-gmm source particles geometry energy kernel steps tau eta transport reaction center splitting step-control tolerance noise noise-until noise-at \
  rejuvenate standardize seed out trace trace-every plot threads engine isa log set; do
  check "flow --help has --$option" grep -Eq "^  --$option( |$)" help
done
check "flow --help has the choices of the library" grep -q 'monotone|fixed' help
check "flow --help lists a geometry" grep -Eq '^  spherical-wfr ' help
check "flow --help lists a kernel" grep -Eq '^  gaussian:SIGMA ' help
check "flow --help lists options of --set" grep -Eq '^  stall ' help
check "flow --help lists the energies that it takes" grep -Eq '^  kl:BANDWIDTH ' help
check "flow --help lists no other" sh -c "! grep -Eq '^  potential ' help"
for word in langevin newton birth-death; do check "flow --help has $word" grep -Eq "[|(]$word[|;]" help; done
for option in resume checkpoint checkpoint-every; do
  check "flow --help has --$option" grep -Eq "^  --$option( |$)" help
done
"$ift" compress --help >help
for option in target particles kernel standardize effort tolerance points weights seed out index trace plot threads engine isa log set; do
  check "compress --help has --$option" grep -Eq "^  --$option( |$)" help
done
"$ift" sample --help >help
for option in target-gmm particles source start seed out trace trace-every plot threads engine isa log; do
  check "sample --help has --$option" grep -Eq "^  --$option( |$)" help
done

runs "info" info
for name in version abi isa blas; do
  check "info has a line $name" grep -Eq "^$name " stdout
done
for kind in gaussian:SIGMA laplace:S matern32 imq:C riesz:R linear polynomial:C,P wasserstein spherical-ift fisher-rao mmd kl:BANDWIDTH \
  potential interaction custom samples gaussian-mixture density sampler langevin newton birth-death; do
  check "info names $kind" grep -q "  $kind" stdout
done
check "info has ranges" grep -Fq '[0, inf)' stdout
check "info has defaults" grep -q 'default auto' stdout
# an item a line
"$ift" info | awk '/^   / { line = line " " $0; next } { if (line) print line; line = $0 } END { print line }' | tr -s ' ' >items
for kind in density sampler potential interaction sum custom; do
  check "info says that $kind is for programs" grep -Eq "^ $kind .* \(for programs; the command has no word for it\)$" items
done
check "info says so of nothing else" test "$(grep -c 'for programs' items)" -eq 6
check "info leaves out what is not there yet" sh -c "! grep -Eq 'sinkhorn|kale' stdout"

refused "no command" "command is missing"
refused "unknown command" "no command 'flwo'.*'flow'" flwo
refused "unknown option" "no option --particels; the nearest is --particles" compress --particels 3
refused "unknown option with a value" "no option --geometri; the nearest is --geometry" flow --geometri=ift
refused "short option" "no option -o" compress -o x.csv
refused "missing value at the end" "--target needs a value" compress --particles 3 --target
refused "missing value before an option" "--target needs a value" compress --target --particles 3
refused "switch with a value" "--standardize takes no value" compress --standardize=yes --target "$faithful" --particles 3
refused "option given twice" "--particles is given twice" compress --particles 3 --particles=4 --target "$faithful"
refused "one argument too many" "'more.csv' is one argument too many" compress --target "$faithful" --particles 3 more.csv
refused "mmd without files" "usage is: ift mmd" mmd
refused "mmd with one file" "usage is: ift mmd" mmd "$faithful"
refused "bandwidth without a file" "usage is: ift bandwidth" bandwidth
refused "info with an argument" "one argument too many" info x
refused "compress without a target" "compress needs --target FILE" compress --particles 3
refused "compress without particles" "compress needs --particles N" compress --target "$faithful"
refused "flow without a geometry" "flow needs --geometry" flow --target "$faithful" --particles 3 --steps 3
refused "flow without steps" "flow needs --steps N" flow --target "$faithful" --particles 3 --geometry ift
refused "flow without a start" "--source FILE, or --particles N" flow --target "$faithful" --geometry ift --steps 3
refused "flow with two starts" "exclude each other" flow --target "$faithful" --source "$faithful" --particles 3 --geometry ift --steps 3

# What later versions bring is unknown until it is there.
flow() {
  name=$1 pattern=$2
  shift 2
  refused "$name" "$pattern" flow --target "$faithful" --particles 3 --geometry spherical-ift --steps 2 "$@"
}
for option in --restart --stall; do
  flow "flow $option" "flow has no option $option" $option 1
done
flow "flow --transport langevin" "transport 'langevin' needs an energy" --transport langevin
flow "flow --splitting yoshida" "lie|strang" --splitting yoshida
flow "flow --noise under monotone steps" "step_control is 'monotone'" --noise 1 --step-control monotone
flow "flow --noise with heun" "noise is 1, which transport 'heun' does not know" --noise 1 --transport heun
flow "flow --tau with a time step" "time_step and tau exclude each other" --tau 1 --set time_step=1
for option in --checkpoint --resume; do
  refused "compress $option" "compress has no option $option" compress --target "$faithful" --particles 3 $option data
done
finish
