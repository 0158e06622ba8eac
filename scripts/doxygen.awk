# scripts/doxygen.awk - a public header as doxygen wants it; the input filter of docs/Doxyfile.
#
#   - a comment is a comment for the declaration after it, and, as for scripts/functions.awk, for all that follow without an
#     empty line; one with an empty line after it is about the file
#   - the comment at the top is the file's: of ift.h also the front page
#   - what is Markdown by chance (*out, <ift/flow.h>) is escaped; a table, four columns in after an empty line, stays as it is
#   - "Errors:" begins a paragraph of its own

# Code in backquotes stays as it is.
function escaped(text,   parts, count, i, out) {
  sub(/^- /, "\\&minus; ", text)
  count = split(text, parts, "`")
  for (i = 1; i <= count; i++) out = out (i > 1 ? "`" : "") (i % 2 ? plain(parts[i]) : parts[i])
  return out
}
function plain(text) {
  if (text !~ /^&minus;/) gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  gsub(/>/, "\\&gt;", text)
  gsub(/\*/, "\\*", text)
  # an underscore begins emphasis where a word begins; a brief text would end at "et al. "
  sub(/^_/, "\\_", text)
  gsub(/ _/, " \\_", text)
  gsub(/ et al\. /, " et al.\\ ", text)
  return text
}

# One line of a comment, without its stars, onto the comment.
function take(text) {
  verbatim = text ~ /^    / && (blank || verbatim)
  blank = text == ""
  if (!verbatim) {
    text = escaped(text)
    if (sub(/^Errors:( |$)/, "\n@par Errors\n", text) == 0) sub(/ Errors:( |$)/, "\n\n@par Errors\n", text)
  }
  comment = comment text "\n"
}

function say(indent, command) {
  printf "%s/** %s%s */\n", indent, command, comment
}

function forget() { comment = ""; pending = 0; verbatim = 0; blank = 0 }

FNR == 1 {
  header = FILENAME
  sub(/.*include\//, "", header)
  top = 1
}

inside || /^ *\/\*/ {
  line = $0
  if (!inside) {
    forget()
    match(line, /^ */)
    indent = substr(line, 1, RLENGTH)
    sub(/^ *\/\* ?/, "", line)
  } else sub(/^ *\*( |$)/, "", line)
  inside = line !~ /\*\/$/ && line != "/"
  sub(/ *\*\/$/, "", line)
  if (line != "/") take(line)
  if (!inside) {
    pending = 1
    if (top) {
      sub(/^[^ ]+ - (libift: )?/, "", comment)
      comment = toupper(substr(comment, 1, 1)) substr(comment, 2)
      if (header ~ /^ift\.h/) {
        title = comment
        sub(/\n.*/, "", title)
        sub(/^[^\n]*\n/, "", comment)
        if (header == "ift.h") say("", "@mainpage " title "\n")
        else say("", "@page cpp " title "\n")
        comment = title "\n"
      }
      say("", "@file " header "\n")
      forget()
    }
    top = 0
  }
  next
}

# A comment by itself
/^ *$/ { if (pending == 1 && indent == "") say("", "@file " header "\n"); forget() }

/^IFT_API .*_destroy\(/ && comment !~ /^Gives/ {
  noun = $0
  sub(/_destroy.*/, "", noun)
  sub(/.*ift_/, "", noun)
  comment = "Gives the " noun " up; NULL does nothing. " comment
  pending = 1
}

# The first line of a declaration: again for each of a group
pending && !declaring && !/^ *#/ { say(indent, ""); pending = 2 }
{
  if (/^  IFT_[A-Z_]+ = .*\/\* /) sub(/\/\* /, "/**< ")
  print
  if (/^IFT_API / || declaring) declaring = !/;/
  else if (pending) forget()
}
