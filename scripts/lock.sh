#!/bin/sh
# Writes requirements/*.txt: every package pinned with its hashes, and no host named.
set -eu
cd "$(dirname "$0")/.."
compile() { "${UV:-.venv/bin/uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate "$@"; }
compile pyproject.toml -o requirements/run.txt
compile pyproject.toml --group test --extra postgres -o requirements/test.txt
