#!/bin/sh
# What tests need beside Python: Redis, PostgreSQL, Chromium and fonts, from Debian's packages. Root installs what is missing;
# anybody else is told what to ask for, and the tests that need it then skip and say so.
set -eu
missing=
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc >/dev/null 2>&1 || missing="$missing fonts-noto-cjk fonts-noto-core"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests:$missing …" >&2
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Some tests need packages that only root can install; they will be skipped. Ask for: apt-get install$missing" >&2
fi
