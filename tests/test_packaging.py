"""What a city hall installs: the wheel holds everything that is served, and works where there is no checkout."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, free_port, wait_for

ROOTS = ("actions", "bot", "connectors", "faq", "nlu_data")
DATA = {".yaml", ".csv", ".json", ".js", ".css", ".html", ".svg", ".safetensors"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment of its own, run from an empty folder."""

    python: Path
    packages: Path
    empty: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """Run Python there and return what it printed."""
        command = [str(self.python), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.empty, env=self.environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel installed; its dependencies are lent by this environment, without the checkout that is installed here."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    packages = next((folder / "env" / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # A folder on the path by way of a .pth file does not run its own .pth files, so the editable checkout stays out.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    empty = folder / "empty"
    empty.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV", "CITIES")}
    facts = {"DATABASE_URL": f"sqlite:///{folder}/facts.sqlite3", "VAR_DIR": str(folder / "var")}
    return Installed(python, packages, empty, {**kept, **facts, "PYTHONDONTWRITEBYTECODE": "1"})


def test_the_wheel_holds_every_file_that_is_served(wheel: Path) -> None:
    """Content, pages, scripts, the model: all data files of the five packages, and nothing but the five packages."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        str(path.relative_to(ROOT))
        for root in ROOTS
        for path in (ROOT / root).rglob("*")
        if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts
    }

    assert wanted - held == set()
    assert {name.split("/")[0] for name in held} == set(ROOTS)
    assert [name for name in held if re.search(r"(^|/)(test_\w+\.py|conftest\.py|tests/)", name)] == []


def test_the_installed_copy_answers(installed: Installed) -> None:
    """`python -m bot ask` from an empty folder uses the wheel's own code and content."""
    where = installed.run("-c", f"import {', '.join(ROOTS)}; print(*({'.__file__, '.join(ROOTS)}.__file__,), sep='\\n')")
    assert {Path(line).parent.parent for line in where.split()} == {installed.packages}

    decision = json.loads(installed.run("-m", "bot", "ask", "住民票", "--json"))
    assert decision["decision"] in ("answer", "clarify")
    assert decision["hits"][0]["entry"].startswith("juminhyo")
    assert list(installed.empty.iterdir()) == []


def test_the_installed_copy_serves(installed: Installed) -> None:
    """`python -m bot serve` from an empty folder answers over HTTP, with its page and the page's scripts."""
    port = free_port()
    command = [str(installed.python), "-m", "bot", "serve", "--port", str(port), "--city", "hoshimi"]
    with (installed.packages / "serve.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=installed.empty, env=installed.environment, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: server.poll() is not None or _answers(f"{base}/readyz"), 120)
        reply = json.loads(_open(f"{base}/api/v1/hoshimi/messages", {"text": "スプレー缶の捨て方"}))["reply"]
        assert (reply["outcome"], reply["version"]) == ("sorted", "r1")
        page = _open(f"{base}/hoshimi/chat?lang=ja").decode()
        assert "chat" in _open(base + re.findall(r'src="(/static/[^"]+)"', page)[0]).decode()
    finally:
        server.terminate()
        server.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(_open(url))
    except OSError:
        return False


def _open(url: str, body: dict[str, str] | None = None) -> bytes:
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=10) as found:
        return bytes(found.read())


def test_nobody_else_installs_our_five_names(installed: Installed) -> None:
    """Distributions named `actions` and `connectors` exist elsewhere; one of them here would replace ours without a word."""
    asked = f"import importlib.metadata as m, json; d = m.packages_distributions(); print(json.dumps([d[n] for n in {ROOTS}]))"
    owners: list[list[str]] = json.loads(installed.run("-c", asked))

    assert [set(names) for names in owners] == [{"madoguchi"}] * len(ROOTS)


def test_the_installed_version_is_that_of_the_project(installed: Installed, wheel: Path) -> None:
    """The version that pip shows, the command, and the name of the wheel."""
    asked = "import importlib.metadata as m; d = m.distribution('madoguchi'); print(d.version, *(e.name for e in d.entry_points))"

    assert installed.run("-c", asked).split() == [PROJECT["project"]["version"], "madoguchi"]
    assert wheel.name.startswith(f"madoguchi-{PROJECT['project']['version']}-")


def pinned(name: str) -> dict[str, str]:
    """Return the packages of a requirements file with the lines that pin them."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {block.split("==")[0].split("[")[0]: block for block in re.split(r"\n(?=[a-z])", text)[1:]}


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_dependency_is_pinned_with_hashes(name: str) -> None:
    """What pyproject.toml names is in the requirements, to the version, with hashes; `make lock` writes them anew."""
    wanted = [*PROJECT["project"]["dependencies"], *(PROJECT["dependency-groups"]["test"] if name == "test.txt" else ())]
    found = pinned(name)

    assert {re.split(r"[\[>=<]", one)[0] for one in wanted} - found.keys() == set()
    assert [package for package, block in found.items() if "--hash=sha256:" not in block] == []


def test_the_image_takes_its_lines_from_the_pinned_requirements() -> None:
    """The driver and the build tools that the Dockerfile cuts out of test.txt are there, and it serves as nobody special."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    cut = [name for names in re.findall(r"wanted = /\^\(([\w|-]+)\)==/", dockerfile) for name in names.split("|")]

    assert {"psycopg", "psycopg-binary", "hatchling"} <= set(cut)
    assert set(cut) - pinned("test.txt").keys() == set()
    last = dockerfile.rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^(?:USER|VOLUME|ENTRYPOINT|CMD) .*", last, re.MULTILINE) == [
        "USER madoguchi", "VOLUME /var/lib/madoguchi", 'ENTRYPOINT ["madoguchi"]', 'CMD ["serve"]',
    ]  # fmt: skip
    assert "HEALTHCHECK" in last
    assert "COPY ." not in last


def test_the_image_is_made_of_the_packages_alone() -> None:
    """.dockerignore leaves everything out but what the wheel needs."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.strip("!/") for line in lines if line.startswith("!")}

    assert "*" in lines
    assert let_in == {*ROOTS, "requirements", "pyproject.toml", "README.md", "LICENSE"}


def _settings_of(services: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for service in services.values():
        yield from service.get("environment", {}).items()


def test_compose_waits_for_health_and_holds_no_password() -> None:
    """App, PostgreSQL and Redis, each with a health check; the password comes from outside the file."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]

    assert set(services) == {"app", "postgres", "redis"}
    assert [name for name, service in services.items() if "healthcheck" not in service] == []
    assert {wait["condition"] for wait in services["app"]["depends_on"].values()} == {"service_healthy"}
    assert [name for name, value in _settings_of(services) if "PASSWORD" in name and not value.startswith("${")] == []
    assert [value for _, value in _settings_of(services) if re.search(r"://[^/]*:[^/]*@", value)] == []
