#!/bin/sh
# scripts/profile.sh - where the time of a flow's step goes: the functions that it is spent in, with what they call, by callgrind, which
# counts instructions and so says the same whatever else the machine does. It runs AVX2 code at most.
# Environment: GEOMETRY (spherical-ift), REACTION (gradient; empty: what the geometry takes), PARTICLES (100), STEPS (500), BUILD (build).
set -eu
check=profile
. "$(dirname "$0")/common.sh"
need valgrind callgrind_annotate
scratch
build=${BUILD:-build}
steps=${STEPS:-500} reaction=${REACTION-gradient}
# profile STEPS FILE: a flow of so many steps
profile() {
  valgrind --tool=callgrind --callgrind-out-file="$2" "$build/ift" flow --target examples/data/faithful.csv --standardize \
    --kernel gaussian:0.5 --particles "${PARTICLES:-100}" --geometry "${GEOMETRY:-spherical-ift}" \
    ${reaction:+--reaction "$reaction"} --step-control fixed --steps "$1" --threads 1 --out "${work:?}/out.csv" \
    >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
}
# total FILE: all instructions of a run
total() { sed -n 's/^summary: *//p; s/^totals: *//p' "$1" | head -n 1; }
profile 0 "$work/none"
profile "$steps" "$work/run"
echo "$(total "$work/none") $(total "$work/run")" |
  awk -v steps="$steps" '{ printf "\n  %.0f instructions a step, of one thread, over %d steps\n\n", ($2 - $1) / steps, steps }'
# Lines of one function: what is by itself adds up, what it is with those that it calls is the largest.
for inclusive in no yes; do
  if [ "$inclusive" = no ]; then echo '  by themselves'; else printf '\n  with what they call\n'; fi
  callgrind_annotate --inclusive=$inclusive --threshold=100 "$work/run" 2>/dev/null |
    sed -n "s/^ *\([0-9,]*\) *( *[0-9.]*%) *[^ ]*:\([a-z_A-Z][a-z_A-Z0-9']*\).*/\1 \2/p" |
    awk -v inclusive=$inclusive -v all="$(total "$work/run")" '
      { gsub(/,/, "", $1); if (inclusive == "no") sum[$2] += $1; else if ($1 > sum[$2]) sum[$2] = $1 }
      END { for (name in sum) printf "%7.2f %%  %s\n", 100 * sum[name] / all, name }' |
    sort -rn | head -n 20
done
