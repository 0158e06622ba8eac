#!/bin/sh
# Writes the numbers of this folder again and fails where they differ from the committed ones. 77: there is no NumPy.
# Usage: tests/oracle/check.sh [PYTHON]
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python=${1:-/usr/bin/python3}
if ! "$python" -c 'import numpy' 2>/dev/null; then
  echo "oracle: $python has no numpy, nothing checked"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/make_oracle.py" "$folder"
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/make_oracle.py" --compare "$folder" "$here"
