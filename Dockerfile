# Two stages: the first one builds, the second one holds the installed packages and nothing of the checkout.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/madoguchi
# Every package is pinned with its hashes. The PostgreSQL driver and the build tools are pinned in test.txt: their lines are taken from there.
RUN awk '/^[a-z]/ { wanted = /^(psycopg|psycopg-binary)==/ } wanted' requirements/test.txt > postgres.txt \
 && awk '/^[a-z]/ { wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } wanted' requirements/test.txt > build.txt \
 && pip --python /opt/madoguchi/bin/python install --require-hashes -r requirements/run.txt -r postgres.txt \
 && pip install --require-hashes -r build.txt
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && pip --python /opt/madoguchi/bin/python install --no-deps --no-index dist/*.whl

FROM python:3.11-slim-bookworm
ENV PATH=/opt/madoguchi/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 \
    HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json \
    VAR_DIR=/var/lib/madoguchi DATABASE_URL=sqlite:////var/lib/madoguchi/madoguchi.sqlite3
# The rich menus of LINE are drawn in every script that residents read.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-noto-cjk fonts-noto-core \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /var/lib/madoguchi --shell /usr/sbin/nologin madoguchi \
 && install -d -o madoguchi -g madoguchi -m 0750 /var/lib/madoguchi
COPY --from=build /opt/madoguchi /opt/madoguchi
USER madoguchi
# The working directory stands on the path of `python -m`: nothing of ours may lie in it.
WORKDIR /var/lib/madoguchi
VOLUME /var/lib/madoguchi
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["madoguchi"]
CMD ["serve"]
