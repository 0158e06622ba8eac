#!/bin/sh
# scripts/check-rooms.sh [TREE] - does every file of src/ include only what its room may?
#
#   - "room/file" and <ift/room.h> only of the file's own room and of rooms above it; the command: <ift.h> and "cli/..." only
#   - <cblas.h> only in linalg, GSL's random numbers only in base/rng.c, LAPACKE and OpenBLAS's own headers nowhere
#   - malloc and its kin only in base/alloc.c and in the command
set -eu
check=check-rooms
. "$(dirname "$0")/common.sh"
cd "${1:-.}"

# The order of the rooms: this line is the only place that has it.
rooms='base linalg pairs simplex measure kernel target energy flow compress catalogue cli'

files=$(find src -type f \( -name '*.[ch]' -o -name '*.def' \) | LC_ALL=C sort)
headers=$(find include/ift -name '*.h' | LC_ALL=C sort)

# Comments are dropped and, but in #include lines, the insides of texts; then each line is judged. One line for each breach, and
# "FILES n" at the end.
# shellcheck disable=SC2086
report=$(LC_ALL=C awk -v rooms="$rooms" '
  function level(room) { return room in place ? place[room] : 0 }
  # The room that a public header mirrors.
  function mirrors(name) { return name == "context" ? "base" : name }
  function breach(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }

  # The line without comments and texts; `inside` says that a comment goes on.
  function code(line,   out, i, two, c, quote) {
    out = ""
    if (line !~ /[\/"\047]/ && !inside) return line
    for (i = 1; i <= length(line); i++) {
      c = substr(line, i, 1)
      two = substr(line, i, 2)
      if (inside) { if (two == "*/") { inside = 0; i++ } }
      else if (quote != "") { if (c == "\\") i++; else if (c == quote) quote = "" }
      else if (two == "/*") { inside = 1; i++ }
      else if (two == "//") break
      else if (c == "\"" || c == "\047") quote = c
      else out = out c
    }
    return out
  }

  function judge_include(name, angled,   other) {
    if (name ~ /^(lapacke?|openblas_config|f77blas)[a-z_]*\.h$/) breach("includes <" name ">; LAPACK is called through its Fortran interface")
    if (name == "cblas.h" && room != "linalg") breach("includes <cblas.h>, which only linalg may")
    if (name ~ /^gsl\/gsl_(rng|randist|qrng)\.h$/ && FILENAME != "src/base/rng.c") breach("includes <" name ">, which only base/rng.c may")
    if (room == "cli") {
      if (name ~ /^ift\// || (!angled && name !~ /^cli\//)) breach("includes " name "; the command has <ift.h> and \"cli/...\" only")
    } else if (name == "ift.h") {
      breach("includes <ift.h>, which belongs to users; include <ift/ROOM.h>")
    } else if (name ~ /^ift\//) {
      other = name; sub(/^ift\//, "", other); sub(/\.h$/, "", other); other = mirrors(other)
      if (!level(other)) breach("includes <" name ">, which mirrors no room")
      else if (level(other) > level(room)) breach("includes <" name ">; " room " stands above " other)
    } else if (!angled) {
      other = name; sub(/\/.*/, "", other)
      if (name !~ /^[a-z0-9_]+\/[a-z0-9_.]+$/) breach("includes \"" name "\"; write \"room/file\"")
      else if (!level(other)) breach("includes \"" name "\", of no room")
      else if (level(other) > level(room)) breach("includes \"" name "\"; " room " stands above " other)
    }
  }

  BEGIN { n = split(rooms, list, " "); for (i = 1; i <= n; i++) place[list[i]] = i }
  FNR == 1 {
    files++
    inside = 0
    split(FILENAME, part, "/")
    room = part[1] == "src" ? part[2] : mirrors(substr(part[3], 1, length(part[3]) - 2))
    if (!level(room)) breach("lies in no room (" rooms ")")
  }
  {
    if (!inside && match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]*[">]/)) {
      name = substr($0, RSTART, RLENGTH)
      sub(/^[^"<]*/, "", name)
      judge_include(substr(name, 2, length(name) - 2), substr(name, 1, 1) == "<")
    }
    line = code($0)
    if (room != "cli" && FILENAME != "src/base/alloc.c" &&
        (match(line, /(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|strdup|strndup)($|[^A-Za-z0-9_])/) ||
         match(line, /(^|[^A-Za-z0-9_.>])free *\(/)))
      breach("calls " substr(line, RSTART) "; memory comes from base/alloc.h")
  }
  END { print "FILES " files + 0 }' $files $headers)

breaches=$(printf '%s\n' "$report" | grep -v '^FILES ' || true)
passed=$(printf '%s\n' "$report" | sed -n 's/^FILES //p')
if [ -n "$breaches" ]; then
  printf '%s\n' "$breaches" >&2
  failed=$(printf '%s\n' "$breaches" | cut -d: -f1 | sort -u | wc -l)
  passed=$((passed - failed))
fi
finish
