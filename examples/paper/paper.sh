#!/bin/sh
# The experiments of section 4 of Gladin, Dvurechensky, Mielke and Zhu, "Interaction-Force Transport Gradient Flows" (NeurIPS 2024), its
# Proposition 3.6 on a grid, and two modes on particles. `make paper` runs this: it prints tables, writes curves (CSV) and pictures
# (PNG) into build/paper. docs/paper.md says what they show. The variable IFT names the command, build/ift by default; the programs are
# beside it. PAPER=full takes 50 seeds instead of 5 for what goes beyond the paper's own setting; FIGURE6='10000 20' are the paper's
# particles and runs in 100 dimensions.
set -eu
LC_ALL=C
export LC_ALL

ift=${IFT:-build/ift}
here=$(dirname "$0")
programs=$(dirname "$ift")/examples/paper
out=$(dirname "$ift")/paper
seeds=5
[ "${PAPER:-}" != full ] || seeds=50
figure6=${FIGURE6:-50 2}
mkdir -p "$out"

# A reading of the text: kernel exp(-r^2/WIDTH), transport, tau, size of the weight step, samples of the target. To the letter, with
# sigma = 10, tau = 50 and eta = 0.1; and the one in which the paper's figures come out.
letter='200 explicit 50 0.1 fixed'
fitting='20 euclidean 50 0.002 fixed'

# figure3 TARGET 'READING' RUNS NAME [ALGORITHM...]
figure3() {
  target=$1 reading=$2 runs=$3 name=$4
  shift 4
  # shellcheck disable=SC2086 # a list of words
  "$programs/figure3" "$target" $reading "$runs" "$out/$name.csv" "$@"
}

cat <<END

  Section 4 of the paper. Loss is MMD^2: to the samples that a flow sees, where these are fresh in each step to the
  distribution itself; held-out, to 100 others; exact, to the distribution. Held-out is above exact by the floor, on average.
  astray: particles farther than 4 standard deviations from the target; mass: theirs; alive: of weight > 0; clusters:
  what is left of these if those within 0.1 are merged. An iteration of IFT counts as two steps.

  Figure 3, 50 runs
END
for target in gaussian mixture; do
  figure3 "$target" "$letter" 50 "figure3-$target-letter"
  figure3 "$target" "$fitting" 50 "figure3-$target-fitting"
done

cat <<END

  The same in other readings, $seeds runs. noise-at-both: noise moves the interacting particles too; ift-solved: problem (23)
  is solved; ift-insert: besides, particles of weight 0 are placed anew
END
number=0
for target in gaussian mixture; do
  while read -r reading; do
    case $reading in '' | '#'*) continue ;; esac
    number=$((number + 1))
    # shellcheck disable=SC2086
    figure3 $target "${reading%%|*}" $seeds reading-$number ${reading#*|}
  done <<END
$letter | noise-at-both ift-solved ift-insert
200 euclidean 50 0.1 fixed |
20 explicit 50 0.1 fixed |
20 explicit 10 0.1 fixed |
20 euclidean 50 0.1 fixed | ift-solved ift-insert
$fitting | noise-at-both
200 explicit 50 0.1 fresh |
200 euclidean 50 0.1 fresh |
20 explicit 10 0.1 fresh |
20 euclidean 50 0.1 fresh |
20 euclidean 50 0.002 fresh |
END
done

printf '\n  Figure 1\n'
# shellcheck disable=SC2086
"$programs/figure1" gaussian $fitting $seeds "$out/figure1.csv" "$out/figure1-points.csv"
# shellcheck disable=SC2086
"$programs/figure4" gaussian $fitting 4000 "$out/figure4.csv"
# shellcheck disable=SC2086
"$programs/figure4" mixture $fitting 5000 "$out/figure5.csv"

printf '\n  Figure 6\n'
# shellcheck disable=SC2086
"$programs/figure6" $figure6 "$out/figure6.csv"

printf '\n  Proposition 3.6: KL on a grid\n'
for scene in quadratic quartic double-well balanced; do
  "$programs/kl_grid" "$scene" "$out/kl-grid-$scene.csv" "$out/kl-grid-$scene-density.csv"
done

printf '\n  Two modes: who finds the masses\n'
"$programs/modes" "$out/modes.csv"

if ! command -v gnuplot >/dev/null 2>&1; then
  printf '\n  %s has the curves; gnuplot, which is not here, would draw the pictures\n' "$out"
  exit 0
fi
# draw PICTURE SCRIPT 'VARIABLES'
draw() { gnuplot -e "here = '$here'; out = '$out/$1.png'; $3" "$here/$2.gp"; }
draw figure1 figure1 "in = '$out/figure1-points.csv'; curves = '$out/figure1.csv'"
draw figure3 figure3 "text_a = '$out/figure3-gaussian-letter.csv'; text_b = '$out/figure3-mixture-letter.csv';
  other_a = '$out/figure3-gaussian-fitting.csv'; other_b = '$out/figure3-mixture-fitting.csv'"
draw figure4 figure4 "in = '$out/figure4.csv'; last = 4000; components = 1"
draw figure5 figure4 "in = '$out/figure5.csv'; last = 5000; components = 3"
draw figure6 figure6 "in = '$out/figure6.csv'; title = '100 dimensions, ${figure6% *} particles, ${figure6#* } runs'"
draw kl-grid kl_grid "in = '$out/kl-grid'"
draw modes modes "in = '$out/modes.csv'"
printf '\n  %s has the curves and the pictures figure1.png, figure3.png, figure4.png, figure5.png, figure6.png, kl-grid.png, modes.png\n' "$out"
