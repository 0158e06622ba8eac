# scripts/man.awk - the manual page ift.1 from help texts, `ift --help` and then `ift COMMAND --help` of every command it names, each
# after a line "=== COMMAND". -v version=..., -v date=...
#
# In a help text "  NAME   WHAT" at the left margin is an item, what is far to the right goes on with it, and a line that ends in a colon
# begins a list. Lists of kinds (Kernels:, Geometries:) are in several texts and in the page once, at its end.

function escape(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/[|]/, "|\\:", text) # a line may end there
  if (text ~ /^[.']/) text = "\\&" text
  return text
}
function put(text) { if (shared) later = later text "\n"; else body = body text "\n" }
function bold(text) { text = escape(text); gsub(/"/, "\\(dq", text); return ".B \"" text "\"" }

# An item, or the words of a paragraph, go out when they are whole.
function flush_item() {
  if (item != "") { put(".TP"); put(bold(item)); put(escape(words)) }
  else if (words != "") { put(".PP"); put(escape(words)) }
  item = words = ""
}
# A list of choices may be broken after a bar: there is no space there.
function more(text) { words = words (words == "" || words ~ /[|]$/ ? "" : " ") text }

BEGIN {
  blank = sprintf("%26s", "")
  print ".\\\" made by scripts/docs.sh from the help texts"
  printf ".TH IFT 1 \"%s\" \"libift %s\" \"User Commands\"\n", date, version
  print ".nh\n.ad l\n.SH NAME\nift \\- gradient flows of measures: weighted particles that approximate a distribution"
}

/^=== / { flush_item(); command = $2; shared = 0; next }

/^usage: / {
  sub(/^usage: /, "")
  sub(/ *$/, "")
  if (command == "") { body = body ".SH SYNOPSIS\n" bold($0) "\n.SH DESCRIPTION\n"; next }
  body = body ".SS ift " command "\n" bold($0) "\n"
  next
}

/^(Kernels|Energies|Geometries):$/ {
  flush_item()
  name = toupper(substr($0, 1, length($0) - 1))
  shared = !(name in seen)
  skipped = !shared
  seen[name] = 1
  if (shared) put(".SH " name)
  next
}
/^$/ { flush_item(); listing = skipped = 0; if (shared) shared = 0; next }
skipped { next }

command == "" && /^Commands:$/ { listing = 1; next }
command == "" && listing && /^  [a-z]/ { next } # each has a section of its own
{ far = index($0, blank) == 1 }
far && listing { next }
{ listing = 0 }
far { sub(/^ +/, ""); more($0); next }
/^    [^ ]/ { # something to be typed
  flush_item()
  sub(/^ +/, "")
  put(".PP\n.nf\n.RS\n" escape($0) "\n.RE\n.fi")
  next
}
/^  [^ ]/ {
  flush_item()
  sub(/^ +/, "")
  at = match($0, /  +/)
  if (at) { item = substr($0, 1, at - 1); words = substr($0, at + RLENGTH) } else item = $0
  next
}
/:$/ { flush_item(); put(".PP"); put(escape($0)); next }
{ if (item != "") flush_item(); more($0) }

END {
  flush_item()
  # the general text ends where the first command begins
  at = index(body, ".SS ift ")
  printf "%s.SH COMMANDS\n%s%s", substr(body, 1, at - 1), substr(body, at), later
  print ".SH EXIT STATUS"
  print ".TP\n0\nwhen all went well, a run that ends before its last step included"
  print ".TP\n2\nafter an error, with one line on standard error; no output file is created or changed"
  print ".TP\n130\nafter Ctrl\\-C; what there was by then is written"
  print ".SH SEE ALSO\n.BR libift (3),\n.BR gnuplot (1)"
}
