#!/bin/sh
# scripts/check-oracle.sh - the committed numbers of tests/oracle are those that its programs compute.
set -eu
check=check-oracle
. "$(dirname "$0")/common.sh"
status=0
# the system's Python, for which deps-dev installs NumPy; another one may come first in the path
sh tests/oracle/check.sh "${PYTHON:-/usr/bin/python3}" || status=$?
case $status in
  0) ok 'the same numbers' ;;
  77) need 'NumPy' ;;
  *) bad 'tests/oracle differs from what its programs write' ;;
esac
finish
