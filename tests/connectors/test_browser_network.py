"""The chat on bad ways: a proxy that holds streams back, drops replies, is slow, or answers with a page of its own (F-04)."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.connectors.conftest import Open, Server, ask, conversation, replying

pytestmark = pytest.mark.browser
SLOW_SECONDS = 10
LOOK = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
BLOCK_PAGE = b"<!doctype html><title>Blocked</title><h1>Access denied by policy</h1>"


class Proxy(ThreadingHTTPServer):
    """Stands between the browser and the service. `mode` is pass, buffer, drop, slow or block; `asked` counts addresses."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Way)
        self.upstream, self.mode, self.asked = upstream, "pass", list[str]()

    @property
    def base(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A browser that leaves in the middle is nothing to tell of."""


class _Way(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self._pass_on()

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names that the library calls

    def log_message(self, *_: object) -> None:
        pass

    def _pass_on(self) -> None:
        mode, api = self.server.mode, "/api/" in self.path
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if mode == "block" and api:
            return self._answer(200, {"content-type": "text/html"}, [BLOCK_PAGE])
        if mode == "slow" and "/messages" in self.path:
            time.sleep(SLOW_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        with httpx.stream(self.command, self.server.upstream + self.path, headers=headers, content=body, timeout=120) as found:
            if mode == "buffer" and "/events" in self.path:
                found.read()  # which lasts until the service ends the stream
            if mode == "drop" and "/messages" in self.path:
                found.read()
                return self.connection.close()
            kept = {name: value for name, value in found.headers.items() if name != "transfer-encoding"}
            self._answer(found.status_code, kept, found.iter_raw() if not found.is_stream_consumed else [found.content])
        return None

    def _answer(self, status: int, headers: dict[str, str], parts: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for part in parts:  # type: ignore[attr-defined]
            self.wfile.write(part)
            self.wfile.flush()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy in front of the server."""
    proxy = Proxy(server.base)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield proxy
    proxy.shutdown()
    proxy.server_close()


def open_chat(open_page: Open, proxy: Proxy) -> Page:
    """Open the chat through the proxy."""
    page = open_page("/api/docs")
    page.goto(f"{proxy.base}/hoshimi/chat?lang=ja")
    return page


def test_behind_a_proxy_that_holds_streams_back_news_still_come(open_page: Open, proxy: Proxy, server: Server) -> None:
    """Without a heartbeat within seconds the chat polls; what another window asked appears, once."""
    proxy.mode = "buffer"
    page = open_chat(open_page, proxy)
    ask(page, "こんにちは")
    body = {"text": "ほかの窓から", "conversation": conversation(page), "language": "ja"}
    with replying(page):
        httpx.post(f"{server.base}/api/v1/hoshimi/messages", json=body).raise_for_status()

    assert any("/turns?after=" in path for path in proxy.asked)
    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "ほかの窓から"])


def test_a_reply_dropped_after_the_service_stored_it_is_not_asked_twice(open_page: Open, proxy: Proxy, server: Server) -> None:
    """The connection breaks under the reply: the message stands once, here and there."""
    page = open_chat(open_page, proxy)
    ask(page, "こんにちは")
    proxy.mode = "drop"
    ask(page, "住民票")
    proxy.mode = "pass"
    ask(page, "ありがとう")

    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "住民票", "ありがとう"])
    assert len(server.turns(conversation(page))) == 3


def test_a_slow_way_is_waited_for(open_page: Open, proxy: Proxy, server: Server) -> None:
    """The wait is told, then called a long one, and the reply comes once."""
    page = open_chat(open_page, proxy)
    proxy.mode = "slow"
    page.locator("#question").fill("こんにちは")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("答えをさがしています")
    expect(page.locator(".typing")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(
        "まだ探しています。もう少しお待ちください。", timeout=SLOW_SECONDS * 1000 + 2000
    )
    page.locator(".turn").nth(2).wait_for()

    expect(page.locator(".typing")).to_have_count(0)
    assert len(server.turns(conversation(page))) == 1


def test_a_block_page_is_no_answer(open_page: Open, proxy: Proxy) -> None:
    """HTML with status 200 in place of the API: the text stays, the telephone is told, and later it can be sent."""
    proxy.mode = "block"
    page = open_chat(open_page, proxy)
    page.locator("#question").fill("住民票")
    page.keyboard.press("Enter")
    again = page.get_by_role("button", name="もう一度送る")
    again.wait_for()
    expect(page.locator("#question")).to_have_value("住民票")
    expect(page.locator("body")).not_to_contain_text("Access denied")
    proxy.mode = "pass"
    with replying(page):
        again.click()

    expect(page.locator(".mine")).to_have_count(1)


def test_offline_is_told_and_online_sends_what_waited(open_page: Open) -> None:
    """The text stays in the box; when the way is there again it is sent by itself, once."""
    page = open_page()
    ask(page, "こんにちは")
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text("つながりません")
    page.locator("#question").fill("住民票")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="もう一度送る").wait_for()
    with replying(page):
        page.context.set_offline(False)

    expect(page.locator("#question")).to_have_value("")
    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "住民票"])


def test_a_server_that_comes_back_is_found_again(open_page: Open, server: Server) -> None:
    """Killed and started in the middle of a talk: the stream is there again by itself, nothing is lost or doubled."""
    page = open_page()
    ask(page, "こんにちは")
    server.stop()
    expect(page.get_by_role("status")).to_contain_text("接続が切れました")
    server.start()
    expect(page.get_by_role("status")).to_have_text("", timeout=20000)
    body = {"text": "ほかの窓から", "conversation": conversation(page), "language": "ja"}
    with replying(page):
        httpx.post(f"{server.base}/api/v1/hoshimi/messages", json=body).raise_for_status()

    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "ほかの窓から"])


BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}"""


def test_without_cookies_and_storage_the_chat_works_and_says_so(open_page: Open) -> None:
    """The talk lives as long as the page, is told so, and even goes along into another language."""
    page = open_page("/api/docs")
    page.add_init_script(BLOCKED)
    page.goto(page.url.replace("/api/docs", "/hoshimi/chat?lang=ja"))
    expect(page.locator(".log")).to_contain_text("会話を残せません")
    ask(page, "こんにちは")
    page.locator("#question").fill("English please")
    page.keyboard.press("Enter")
    page.wait_for_url("**lang=en")

    expect(page.locator(".mine .bubble")).to_have_text(["こんにちは", "English please"])


def test_a_hidden_page_keeps_no_connection(open_page: Open) -> None:
    """The stream ends when nobody looks, and is there again when somebody does."""
    page = open_page()
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url) if "/events" in request.url else None)
    ended: list[str] = []
    page.on("requestfailed", lambda request: ended.append(request.url) if "/events" in request.url else None)
    ask(page, "こんにちは")
    page.wait_for_timeout(300)
    page.evaluate(LOOK, "hidden")
    page.wait_for_timeout(300)
    assert (len(streams), len(ended)) == (1, 1)
    page.evaluate(LOOK, "visible")
    page.wait_for_timeout(300)

    assert len(streams) == 2
