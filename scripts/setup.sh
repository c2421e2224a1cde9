#!/bin/sh
# Makes .venv/ with the pinned dependencies: `setup.sh run` what the product needs, `setup.sh test` what tests need as well.
# A second call does nothing when nothing changed. No network but the package registries.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
say() { printf '%s\n' "$*" >&2; }

python=
for candidate in python3.13 python3.12 python3.11 python3; do
  if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  say "Python 3.11, 3.12 or 3.13 is needed; found: $(python3 --version 2>&1 || echo none)."
  say "Debian: apt-get install python3 python3-venv. Then run the same command again."
  exit 1
fi

stamp=.venv/installed-$kind
wanted=$("$python" -c 'import hashlib,sys; print(hashlib.sha256(b"".join(open(p,"rb").read() for p in sys.argv[1:])).hexdigest())' \
  pyproject.toml requirements/run.txt requirements/test.txt scripts/setup.sh)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  [ "$kind" = test ] && sh scripts/system.sh
  exit 0
fi

started=$(date +%s)
if [ ! -x .venv/bin/python ]; then
  say "Making the environment .venv/ with $($python --version) …"
  if ! "$python" -m venv .venv 2>/tmp/madoguchi-venv.$$; then
    cat /tmp/madoguchi-venv.$$ >&2; rm -f /tmp/madoguchi-venv.$$ ; rm -rf .venv
    say "Python cannot make environments here. Debian: apt-get install python3-venv. Then run the same command again."
    exit 1
  fi
  rm -f /tmp/madoguchi-venv.$$
fi

# An environment that another tool made may lack pip.
.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null

file=requirements/$kind.txt
say "Installing the pinned packages of $file (once; about a minute) …"
# uv is ten times faster than pip and shows its progress; where it cannot be had, pip does the same.
if .venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv==0.13.8' 2>/dev/null; then
  .venv/bin/python -m uv pip install --python .venv/bin/python --compile-bytecode --require-hashes -r "$file"
  .venv/bin/python -m uv pip install --python .venv/bin/python --quiet --no-deps -e .
else
  .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "$file"
  .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
fi
printf '%s' "$wanted" > "$stamp"
[ "$kind" = test ] && printf '%s' "$wanted" > .venv/installed-run
say "Ready after $(($(date +%s) - started)) s; the environment takes $(du -sh .venv | cut -f1)."
[ "$kind" = test ] && sh scripts/system.sh
exit 0
