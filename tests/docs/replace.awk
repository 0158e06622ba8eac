# tests/docs/replace.awk - a document with the insides of some of its fenced blocks replaced.
#
#     awk -v folder=FOLDER -f replace.awk DOCUMENT
#
# Where FOLDER/N.new exists it is what block number N (see blocks.awk) becomes.

/^```/ {
  if (open) { open = 0; replaced = 0; print; next }
  open = 1
  print
  file = folder "/" (++number) ".new"
  while ((getline line <file) > 0) { replaced = 1; print line }
  close(file)
  next
}
!replaced
