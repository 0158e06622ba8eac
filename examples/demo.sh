#!/bin/sh
# The main job on real data: 25 weighted particles for the 272 eruptions of Old Faithful. By `ift compress`, by the geometries of
# `ift flow`, all from one start, and by two simple ways, a random subset and kernel herding. Prints a table, writes particles and
# pictures into build/demo. `make demo` runs it; the variable IFT names the command, build/ift by default.
set -eu
LC_ALL=C
export LC_ALL

ift=${IFT:-build/ift}
out=$(dirname "$ift")/demo
herding=$(dirname "$ift")/examples/herding
data=$(dirname "$0")/data/faithful.csv
particles=25 steps=1000 seed=1 kernel=gaussian:0.5
mkdir -p "$out"
gnuplot=
if command -v gnuplot >/dev/null 2>&1; then gnuplot=yes; fi

# seconds COMMAND...: runs it and prints how long that took
seconds() {
  begin=$(date +%s.%N)
  "$@" >"$out/report.txt"
  end=$(date +%s.%N)
  awk -v begin="$begin" -v end="$end" 'BEGIN { printf "%.2f", end - begin }'
}

# row NAME FILE SECONDS [ENERGY]: the energy 1/2 MMD^2 of the particles in a file, how many are alive, their mass
row() {
  last=$("$ift" mmd --standardize --kernel $kernel "$2" "$data" | cut -d ' ' -f 2 | awk '{ print $1 / 2 }')
  awk -F, -v name="$1" -v start="${4:-}" -v energy="$last" -v seconds="$3" '
    NR > 1 { mass += $NF; alive += $NF > 0 }
    END { printf "  %-26s %9s  %9.2e %6d  %7.4f %8s\n", name, start, energy, alive, mass, seconds }' "$2"
}

cat <<END

  Old Faithful: $(($(wc -l <"$data") - 1)) eruptions as $particles weighted particles
  energy: 1/2 MMD^2 to the data, kernel $kernel in standardized units
  flows: $steps steps each, all from the random subset

                               energy     energy
  method                     at start     at end  alive     mass  seconds
  -----------------------------------------------------------------------
END

subset=$out/subset.csv
time=$(seconds "$ift" flow --target "$data" --particles $particles --geometry wasserstein --steps 0 --seed $seed --out "$subset")
row "random subset" "$subset" "$time"
herded=
if [ -x "$herding" ]; then
  time=$(seconds "$herding" "$data" $kernel $particles "$out/herding.csv")
  row "kernel herding" "$out/herding.csv" "$time"
  herded=$last
fi
echo

for geometry in fisher-rao spherical-fisher-rao mmd spherical-mmd wasserstein wfr spherical-wfr ift spherical-ift projected-mmd; do
  trace=$out/$geometry-trace.csv
  time=$(seconds "$ift" flow --target "$data" --source "$subset" --standardize --kernel $kernel --geometry $geometry --steps $steps \
    --out "$out/$geometry.csv" --trace "$trace")
  row "flow, $geometry" "$out/$geometry.csv" "$time" "$(awk -F, 'NR == 2 { printf "%.2e", $4 }' "$trace")"
done
echo

compress="compress --target $data --particles $particles --standardize --kernel $kernel --seed $seed --out $out/particles.csv"
# shellcheck disable=SC2086 # a list of words
time=$(seconds "$ift" $compress)
row "compress" "$out/particles.csv" "$time"
compressed=$last
echo

if [ -z "$gnuplot" ]; then
  echo "  $out has particles.csv; gnuplot, which is not here, would draw the pictures"
  exit 0
fi
for ending in svg png; do
  # shellcheck disable=SC2086
  "$ift" $compress --plot "$out/particles.$ending" >"$out/report.txt"
done

# One hue a family; where mass is free the line is dashed.
cat >"$out/decay.gp" <<END
set datafile separator ','
set border 3 linecolor rgb '#5f6368'
set tics nomirror out scale 0.5 textcolor rgb '#3c4043'
set grid linetype 1 linewidth 0.6 linecolor rgb '#e8eaed'
set logscale xy
set format y '10^{%T}'
set xrange [1:$steps]
set xlabel 'step' textcolor rgb '#3c4043'
set ylabel 'energy, 1/2 MMD^2 to the data' textcolor rgb '#3c4043'
set title 'Old Faithful, $particles particles: ways down from one start' textcolor rgb '#202124'
set key outside right center vertical Left reverse samplen 2.2 spacing 1.25 textcolor rgb '#3c4043'
set style data lines
set style function lines
plot '$out/fisher-rao-trace.csv' using 1:4 lw 1.6 dt (8, 5) lc rgb '#5b8c5a' title 'fisher-rao', \\
     '$out/spherical-fisher-rao-trace.csv' using 1:4 lw 1.6 lc rgb '#5b8c5a' title 'spherical-fisher-rao', \\
     '$out/mmd-trace.csv' using 1:4 lw 1.6 dt (8, 5) lc rgb '#e08a3c' title 'mmd', \\
     '$out/spherical-mmd-trace.csv' using 1:4 lw 1.6 lc rgb '#e08a3c' title 'spherical-mmd', \\
     '$out/wasserstein-trace.csv' using 1:4 lw 1.6 lc rgb '#5f6368' title 'wasserstein', \\
     '$out/wfr-trace.csv' using 1:4 lw 2 dt (8, 5) lc rgb '#8e6bbf' title 'wfr', \\
     '$out/spherical-wfr-trace.csv' using 1:4 lw 2 lc rgb '#8e6bbf' title 'spherical-wfr', \\
     '$out/ift-trace.csv' using 1:4 lw 2.4 dt (8, 5) lc rgb '#2171b5' title 'ift', \\
     '$out/spherical-ift-trace.csv' using 1:4 lw 2.4 lc rgb '#2171b5' title 'spherical-ift', \\
     '$out/projected-mmd-trace.csv' using 1:4 lw 2.4 lc rgb '#1a9a8f' title 'projected-mmd', \\
     ${herded:+$herded lw 1.6 dt (2, 4) lc rgb '#5f6368' title 'kernel herding',} \\
     $compressed lw 1.6 dt (2, 4) lc rgb '#c0392b' title 'compress'
END
gnuplot -e "set terminal svg size 960,600 dynamic enhanced font 'Helvetica,14' background '#ffffff'; set output '$out/decay.svg'" "$out/decay.gp"
gnuplot -e "set terminal pngcairo size 1536,960 enhanced font 'Helvetica,11' fontscale 1.7 linewidth 1.6 background '#ffffff'; set output '$out/decay.png'" "$out/decay.gp"
echo "  $out has particles.csv, the pictures particles.svg and decay.svg (.png as well), and all traces"
