# tests/docs/blocks.awk - takes a document apart into its fenced blocks.
#
#     awk -v folder=FOLDER -f blocks.awk DOCUMENT
#
# Block number N (from 1) goes to FOLDER/N. On standard output one line a block: N LINE INFO, LINE being that of the first fence and INFO
# what stands behind it ("c", "sh run", "output").

/^```/ {
  if (open) { close(folder "/" number); open = 0; next }
  open = 1
  number++
  info = $0
  sub(/^```+ */, "", info)
  print number, FNR, info
  printf "" >(folder "/" number)
  next
}
open { print >(folder "/" number) }
END { if (open) { print "the block that begins at its end is not closed" >"/dev/stderr"; exit 1 } }
