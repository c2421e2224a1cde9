#!/bin/sh
# Everything that must hold, in the order of what fails fastest. `make test` and CI run just this.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check .
$bin/mypy
$bin/lint-imports
$bin/python -m pytest "$@"
