#!/bin/sh
# tests/rooms/test.sh - does check-rooms find what it should? A copy of the tree passes; each breach added to it must fail.
set -eu
check=test-rooms
. scripts/common.sh
scratch
checker=$PWD/scripts/check-rooms.sh

fresh() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree"
  cp -R src include "$work/tree/"
}

# breach FILE LINE WORDS: with LINE appended to FILE the check fails with a message about that file which has these words.
breach() {
  fresh
  mkdir -p "$(dirname "$work/tree/$1")"
  printf '%s\n' "$2" >>"$work/tree/$1"
  if sh "$checker" "$work/tree" >"$work/out" 2>&1; then
    bad "$1 with '$2' passes"
  elif grep "^$1:.*$3" "$work/out" >/dev/null; then
    ok "$1 with '$2' fails"
  else
    bad "$1 with '$2' fails, but not for '$3': $(head -n 3 "$work/out")"
  fi
}

# fine FILE LINE: this is no breach.
fine() {
  fresh
  printf '%s\n' "$2" >>"$work/tree/$1"
  if sh "$checker" "$work/tree" >"$work/out" 2>&1; then ok "$1 with '$2' passes"; else bad "$1 with '$2': $(head -n 3 "$work/out")"; fi
}

fresh
if ! sh "$checker" "$work/tree" >"$work/out" 2>&1; then
  cat "$work/out" >&2
  bad "the tree itself has breaches"
  finish
fi

breach src/base/options.c '#include "flow/flow.h"' 'base stands above flow'
breach src/pairs/pairs.h '#include "kernel/kernel.h"' 'pairs stands above kernel'
breach src/base/new.c '  #  include <ift/flow.h>' 'base stands above flow'
breach src/kernel/new.c '#include <ift.h>' 'belongs to users'
breach src/kernel/new.c '#include "new.h"' 'write "room/file"'
breach src/kernel/new.c '#include "attic/new.h"' 'of no room'
breach src/kernel/new.c '#include <ift/attic.h>' 'mirrors no room'
breach src/attic/new.c 'int x;' 'lies in no room'
breach src/kernel/kinds.def '#include "flow/flow.h"' 'kernel stands above flow'
breach include/ift/measure.h '#include <ift/flow.h>' 'measure stands above flow'
breach src/kernel/new.c '#include <cblas.h>' 'only linalg'
breach src/linalg/new.c '#include <lapacke.h>' 'Fortran'
breach src/measure/new.c '#include <gsl/gsl_rng.h>' 'only base/rng.c'
breach src/base/new.c '#include <gsl/gsl_randist.h>' 'only base/rng.c'
breach src/cli/new.c '#include "base/context.h"' 'the command has'
breach src/cli/new.c '#include <ift/flow.h>' 'the command has'
breach src/measure/new.c 'void *x = malloc(3);' 'calls.*malloc'
breach src/measure/new.c 'void *(*get)(size_t) = malloc;' 'calls.*malloc'
breach src/measure/new.c '/* a */ free (x); /* b' 'calls.*free'
breach src/flow/new.c 'const char *x = "/*"; y = realloc(x, 3);' 'calls.*realloc'

fine src/base/context.c '/* malloc(3), free(x) */ int ift_x(const char *s) { return s == "free(x)" && s[0] == '"'\"'"'; }'
fine src/flow/flow.h '/* a comment
#include "cli/message.h" is not an include */'
fine src/measure/new.c '  self->free(x); ift_free(context, x); const int free = 1;'
fine src/cli/message.c 'void *x = malloc(3);'
finish
