"""The commands, run as anybody runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `madoguchi` in a process of its own."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        check=False,
        timeout=120,
    )


def test_ask_prints_the_answer_and_whom_to_ask() -> None:
    """The answer, the department with its telephone, the decision."""
    done = run("ask", "住民票がほしい")
    assert done.returncode == 0
    assert "本人確認書類" in done.stdout
    assert "answer · juminhyo-copy" in done.stdout


def test_ask_json_holds_the_contract() -> None:
    """Every key of the batch contract is there."""
    decision = json.loads(run("ask", "スプレー缶", "--json").stdout)
    expected = {"query", "language", "decision", "outcome", "entry", "probability", "hits", "item", "category", "text"}
    assert set(decision) == expected
    assert (decision["item"], decision["category"]) == ("spray-can", "hazardous")


def test_ask_a_file_prints_one_decision_a_line(tmp_path: Path) -> None:
    """JSON Lines in, JSON Lines out, in order."""
    file = tmp_path / "queries.jsonl"
    rows = [{"query": "引っ越してきた", "language": "ja"}, {"query": "spray can", "language": "en"}]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    lines = [json.loads(line) for line in run("ask", "--file", str(file)).stdout.splitlines()]
    assert [line["language"] for line in lines] == ["ja", "en"]
    assert [line["query"] for line in lines] == ["引っ越してきた", "spray can"]


def test_evaluate_prints_the_figures_of_the_contract(tmp_path: Path) -> None:
    """Overall, per language, decision quality, speed; and the ranking for outside scorers."""
    corpus = [
        {"id": "a", "language": "ja", "question": "住民票の取り方は", "answer": "市役所の窓口で請求してください。"},
        {"id": "b", "language": "ja", "question": "犬の登録は", "answer": "30日以内に登録してください。"},
        {"id": "b", "language": "en", "question": "How do I register a dog?", "answer": "Register it within 30 days."},
    ]
    queries = [
        {"id": 1, "query": "住民票をください", "language": "ja", "relevant": {"a": 2}},
        {"id": 2, "query": "register my dog", "language": "en", "relevant": {"b": 1}},
        {"id": 3, "query": "明日の天気", "language": "ja", "relevant": {}},
    ]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    ranking = tmp_path / "run.tsv"
    files = ["--corpus", str(tmp_path / "corpus.jsonl"), "--queries", str(tmp_path / "queries.jsonl")]
    figures = json.loads(run("evaluate", *files, "--json", "--save-run", str(ranking)).stdout)
    assert figures["overall"]["success@1"] == 1.0
    assert set(figures["languages"]) == {"ja", "en"}
    assert {"auroc", "ece", "coverage", "precision", "queries_per_second"} <= set(figures)
    assert ranking.read_text(encoding="utf-8").splitlines()[0].startswith("1\ta\t1\t")


def test_evaluate_garbage_prints_items_and_categories(tmp_path: Path) -> None:
    """Success of the item and of its category, from a plain table of another city."""
    items = "id,name,category,reading,name_en\n1,フライパン,不燃,ふらいぱん,frying pan\n2,新聞紙,資源,しんぶんし,newspaper\n"
    (tmp_path / "items.csv").write_text(items, encoding="utf-8")
    rows = [
        {"query": "ふらいぱんの捨て方", "language": "ja", "items": ["1"]},
        {"query": "how do I throw away newspapers", "language": "en", "items": ["2"]},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    done = run("evaluate", "garbage", "--items", str(tmp_path / "items.csv"), "--queries", str(tmp_path / "q.jsonl"), "--json")
    figures = json.loads(done.stdout)
    assert figures["overall"]["success@1"] == 1.0
    assert figures["overall"]["category_success@1"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ask", "質問", "--city", "nowhere"), "Cities served"),
        (("ask",), "not both"),
        (("evaluate", "--corpus", "missing.jsonl", "--queries", "missing.jsonl"), "the file is missing"),
        (("serve", "--workers", "2"), "CACHE_URL"),
        (("unknown",), "No such command"),
    ],
)
def test_mistakes_of_the_caller_get_one_clear_message(arguments: tuple[str, ...], told: str) -> None:
    """Exit code 1 or 2, what was wrong, no stack trace."""
    done = run(*arguments)
    assert done.returncode in (1, 2)
    assert told in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout


def test_every_command_explains_itself() -> None:
    """`--help` works for all of them."""
    for command in ("serve", "ask", "check", "stats", "evaluate", "train"):
        assert run(command, "--help").returncode == 0


def test_a_broken_line_of_queries_is_named(tmp_path: Path) -> None:
    """File, line, what was found."""
    file = tmp_path / "broken.jsonl"
    file.write_text('{"query": "a"}\n{"query": \n', encoding="utf-8")
    done = run("ask", "--file", str(file))
    assert done.returncode == 1
    assert "broken.jsonl:2" in done.stderr
