# tests/docs/compare.awk - is what came out what a document says?
#
#     awk -f compare.awk SAID CAME        exit status 1 and the first difference on standard output if not
#
# Texts have to be equal but for spaces. Numbers may differ by 5 %. Those below 1e-4 are what a search left over, and a last digit of the
# machine's BLAS can lead it elsewhere: they have to be alike within a factor of 4. Those below 1e-9 are noise. Integers of up to three
# digits are counts and have to be equal. A line "..." stands for any lines.

function is_count(text) { return text ~ /^[0-9]+$/ && length(text) <= 3 }

function size(a) { return a < 0 ? -a : a }

function same_number(a, b,   larger, smaller) {
  if (a == b) return 1
  if (is_count(a) && is_count(b)) return 0
  a += 0
  b += 0
  larger = size(a) > size(b) ? size(a) : size(b)
  smaller = size(a) + size(b) - larger
  return larger < 1e-9 || (larger < 1e-4 && larger < 4 * smaller) || size(a - b) <= 0.05 * larger
}

# Both texts from left to right: what stands before the next number of each has to be equal, then the numbers.
function same(a, b,   at_a, at_b, length_a, length_b) {
  gsub(/[ \t]+/, " ", a)
  gsub(/[ \t]+/, " ", b)
  sub(/ $/, "", a)
  sub(/ $/, "", b)
  for (;;) {
    at_a = match(a, number)
    length_a = RLENGTH
    at_b = match(b, number)
    length_b = RLENGTH
    if (!at_a || !at_b) return a == b
    if (substr(a, 1, at_a - 1) != substr(b, 1, at_b - 1)) return 0
    if (!same_number(substr(a, at_a, length_a), substr(b, at_b, length_b))) return 0
    a = substr(a, at_a + length_a)
    b = substr(b, at_b + length_b)
  }
}

BEGIN { number = "[-+]?[0-9]+(\\.[0-9]*)?([eE][-+]?[0-9]+)?" }
FNR == NR && FILENAME == ARGV[1] { said[++lines] = $0; next }
{ came[++count] = $0 }
END {
  i = 1
  skip = 0
  for (j = 1; j <= count; j++) {
    while (i <= lines && said[i] == "...") { skip = 1; i++ }
    if (i <= lines && same(said[i], came[j])) { i++; skip = 0; continue }
    if (skip) continue
    printf "line %d should be: %s\n         but it is: %s\n", i, i <= lines ? said[i] : "(no more)", came[j]
    exit 1
  }
  while (i <= lines && said[i] == "...") i++
  if (i <= lines) {
    printf "line %d is missing: %s\n", i, said[i]
    exit 1
  }
}
