# tests/bench/quote.awk - a document with its tables brought up to date.
#
#     awk -f quote.awk PRINTED DOCUMENT      the document, in which a block ```text becomes the paragraph of what was printed that begins
#                                            as it does, up to the first colon; others stay as they are

function key(line) { return substr(line, 1, index(line, ":")) }

FILENAME == ARGV[1] {
  sub(/ +$/, "")
  if ($0 == "") { name = ""; next }
  if (name == "") name = key($0)
  if (name != "") paragraph[name] = paragraph[name] $0 "\n"
  next
}
/^```/ { inside = $0 == "```text"; print; skipping = 0; first = inside; next }
inside && first { first = 0; skipping = key($0) in paragraph; if (skipping) printf "%s", paragraph[key($0)] }
!skipping { print }
