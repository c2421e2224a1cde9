"""Websites of others on loopback, which include the widget (F-03): each page is a file of `hosts/`, filled with addresses."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from faq.data_files import PACKAGE_FAQ_DIR

HOSTS = Path(__file__).parent / "hosts"
NONCE = "r4nd0m"


@dataclass
class Website:
    """A website on a port of its own; `base` is its origin. `filled` stands for the `@words@` of its pages."""

    base: str
    filled: dict[str, str] = field(default_factory=dict)

    def page(self, name: str) -> str:
        """Return the address of a page."""
        return f"{self.base}/{name}.html"

    def includes(self, service: str) -> None:
        """Fill the pages with today's loader of a service."""
        snippet = httpx.get(f"{service}/hoshimi/embed?lang=ja").text
        source = snippet.split('async src="')[2].split('"')[0]
        integrity = snippet.split('integrity="')[2].split('"')[0]
        address = f"{service}{source}"
        self.filled |= {"service": service, "loader": address, "integrity": integrity, "nonce": NONCE}

    def read(self, path: str) -> bytes | None:
        """Return a page with its words filled in; None where there is none."""
        file = HOSTS / Path(urlsplit(path).path).name
        if not file.is_file():
            return None
        text = file.read_text(encoding="utf-8")
        for word, value in self.filled.items():
            text = text.replace(f"@{word}@", value)
        return text.encode()


@contextmanager
def website(port: int) -> Iterator[Website]:
    """Serve the pages of `hosts/`; under the name `localhost` it is another site for a browser."""
    site = Website(f"http://127.0.0.1:{port}")

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.read(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if "strict" in self.path:
                loader = site.filled["service"]
                self.send_header(
                    "Content-Security-Policy",
                    f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}'; frame-src {loader}; "
                    "base-uri 'none'; require-trusted-types-for 'script'",
                )
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_line: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()


def content_with_sites(folder: Path, sites: list[str]) -> Path:
    """Return a copy of all content in which the demo city has registered these websites."""
    copy = folder / "faq"
    shutil.copytree(PACKAGE_FAQ_DIR, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    city = copy / "cities" / "hoshimi" / "city.yaml"
    lines = city.read_text(encoding="utf-8").splitlines()
    kept = [f"sites: {sites}" if line.startswith("sites:") else line for line in lines]
    city.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return copy
