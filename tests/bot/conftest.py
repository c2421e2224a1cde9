"""Both databases and both caches, real ones: what holds on one side has to hold on the other."""

import secrets

import pytest
from sqlalchemy import create_engine, make_url, text


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database of the test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('facts')}/facts.sqlite3"
    return empty_postgres(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def cache_url(request: pytest.FixtureRequest) -> str:
    """The address of a cache, once in memory and once on Redis."""
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
def shared_urls(postgres_url: str, redis_url: str) -> tuple[str, str]:
    """The addresses of a database and a cache that several processes can share."""
    return empty_postgres(postgres_url), redis_url


def empty_postgres(server: str) -> str:
    """Make an empty schema on a server and return its address; a database of its own would be 300 files for each test."""
    name = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return make_url(server).set(query={"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
