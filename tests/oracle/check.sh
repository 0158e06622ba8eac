#!/bin/sh
# Writes the numbers of this folder again and fails where they differ from the committed ones. 77: there is no NumPy or SciPy.
# Usage: tests/oracle/check.sh [PYTHON]
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python=${1:-/usr/bin/python3}
if ! "$python" -c 'import numpy, scipy' 2>/dev/null; then
  echo "oracle: $python has no numpy or no scipy, nothing checked"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/polynomials.py" "$here/../../src/pairs/vector_math.h" "$here/../bench/reference.c"
for maker in make_oracle.py make_trajectories.py make_published.py make_qp.py; do
  "$python" "$here/$maker" "$folder"
  "$python" "$here/$maker" --compare "$folder" "$here"
done
