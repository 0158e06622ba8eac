# scripts/functions.awk - the public functions of headers, one line for each comment that documents some:
#
#     HEADER <tab> WHAT THE HEADER HAS <tab> FUNCTION FUNCTION... <tab> FIRST SENTENCE OF THE COMMENT
#
# A comment documents the declarations that follow it without a blank line. Where there is none the sentence is empty. What comes
# after an empty line of the comment (a table) is not looked at.

function flush_group() {
  if (names != "") printf "%s\t%s\t%s\t%s\n", header, subject, names, sentence(comment)
  names = ""
}

# Up to the first full stop that ends a sentence, or all of it.
function sentence(text,   rest, at) {
  rest = text
  at = 0
  while (match(rest, /\.( |$)/)) {
    at += RSTART
    if (substr(text, at + 1) == "" || substr(text, at + 2, 1) ~ /[A-Z0-9"*`(_]/) return substr(text, 1, at)
    rest = substr(text, at + 1)
  }
  return text
}

FNR == 1 {
  flush_group()
  header = FILENAME
  sub(/.*include\//, "", header)
  subject = $0
  sub(/^\/\* [^ ]+ - /, "", subject)
  sub(/\. Part of libift.*/, "", subject)
  comment = ""
}

# Inside a declaration that goes on: up to its semicolon.
declaring { if (/;/) declaring = 0; next }

# A declaration whose name is in the next line.
held != "" { $0 = held " " $0; held = "" }
/^IFT_API [^(]*$/ { held = $0; next }

/^$/ { flush_group(); comment = ""; next }

inside || /^\/\*/ {
  if (!inside) { flush_group(); comment = ""; cut = 0 }
  line = $0
  inside = line !~ /\*\//
  sub(/^ *\/?\*+ */, "", line)
  sub(/ *\*\/$/, "", line)
  if (line == "/") line = ""
  if (line == "" && inside) cut = 1
  if (line != "" && !cut) comment = comment (comment == "" ? "" : " ") line
  next
}

/^IFT_API / {
  name = $0
  sub(/\(.*/, "", name)
  sub(/.*[ *]/, "", name)
  names = names (names == "" ? "" : " ") name
  declaring = $0 !~ /;/
  next
}

# anything else ends a group: a type, a preprocessor line
{ flush_group(); comment = "" }

END { flush_group() }
