#!/bin/sh
# Everything that must hold, in the order of what fails fastest. `make test` and CI run just this; arguments go to one pytest.
# Most of the time goes by in waiting (browsers, proxies, servers that are killed), so four groups of tests run side by side.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check .
$bin/mypy
$bin/lint-imports
[ $# -gt 0 ] && exec $bin/python -m pytest "$@"

logs=var/tests/logs
mkdir -p "$logs"
# The index is built once, before all of them want it.
VAR_DIR=var/tests DATABASE_URL="sqlite:///$logs/none.sqlite3" $bin/madoguchi ask 住民票 >/dev/null
group() { # name, then what pytest gets
  name=$1; shift
  if $bin/python -m pytest -rs "$@" >"$logs/$name.log" 2>&1; then echo passed; else echo failed; fi >"$logs/$name.end"
}
trap 'kill 0' INT TERM
group line tests/line &
group connectors tests/connectors &
group console tests/console &
group rest tests --ignore=tests/line --ignore=tests/connectors --ignore=tests/console &
wait
failed=0
for name in line connectors console rest; do
  [ "$(cat "$logs/$name.end")" = passed ] || { failed=1; cat "$logs/$name.log"; }
  echo "$name: $(tail -1 "$logs/$name.log")"
  grep -h "^SKIPPED" "$logs/$name.log" || true
done
exit $failed
