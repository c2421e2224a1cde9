"""What the city publishes as open data: the same in JSON and CSV, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

FORMULAS = ["=1+1", "+81", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1+1", "＋1", "－1", "＠A1"]


def rows_of(response: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("name", "columns"), [("faq", {"id", "language", "question", "answer"}), ("garbage", {"id", "category"})]
)
async def test_both_forms_hold_the_same_rows(client: httpx.AsyncClient, name: str, columns: set[str]) -> None:
    """Whoever takes the CSV gets no less than whoever takes the JSON."""
    as_json = (await client.get(f"/opendata/hoshimi/{name}.json")).json()
    as_csv = rows_of(await client.get(f"/opendata/hoshimi/{name}.csv"))

    assert len(as_json) == len(as_csv) >= 60
    assert all(columns <= set(row) for row in as_json)
    assert [row["id"] for row in as_json] == [row["id"] for row in as_csv]


async def test_the_csv_opens_in_a_spreadsheet(client: httpx.AsyncClient) -> None:
    """UTF-8 with a byte order mark and CRLF, or Japanese turns into gibberish."""
    response = await client.get("/opendata/hoshimi/faq.csv")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbfid,language,")
    assert response.content.endswith(b"\r\n")
    assert "住民票" in response.text


async def test_every_language_of_an_answer_is_published(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Each text of each entry is a row."""
    entries = app.state.handler.service.release("hoshimi").knowledge.entries
    found = (await client.get("/opendata/hoshimi/faq.json")).json()

    assert {(row["id"], row["language"]) for row in found} == {(e.id, language) for e in entries.values() for language in e.texts}


@pytest.fixture
def hostile(app: FastAPI) -> Iterator[list[str]]:
    """Gives the city an entry for each text that a spreadsheet would take for a formula; returns the texts."""
    whole = app.state.handler
    release = whole.service.release("hoshimi")
    model = next(iter(release.knowledge.entries.values()))
    entries = {
        f"formula-{n}": replace(model, id=f"formula-{n}", texts={"ja": replace(model.texts["ja"], question=text)})
        for n, text in enumerate(FORMULAS)
    }
    changed = replace(release, knowledge=replace(release.knowledge, entries=entries))
    app.state.handler = replace(whole, service=replace(whole.service, releases={"hoshimi": changed}))
    yield FORMULAS
    app.state.handler = whole


async def test_no_cell_is_a_formula(client: httpx.AsyncClient, hostile: list[str]) -> None:
    """What a spreadsheet would calculate is led by an apostrophe, and nothing else is changed."""
    questions = [row["question"] for row in rows_of(await client.get("/opendata/hoshimi/faq.csv"))]

    assert questions == [f"'{text}" for text in hostile]
    assert [row["question"] for row in (await client.get("/opendata/hoshimi/faq.json")).json()] == hostile
