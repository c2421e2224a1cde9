"""The model's own tokenizer cuts every text as the library does that its file belongs to."""

import json
import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from faq.data_files import DataFiles
from faq.held_out import read_held_out
from faq.languages import load_languages
from faq.search.encoder import StaticEncoder
from faq.search.pieces import Pieces, pieces_of

FILES = DataFiles()
FILE = FILES.nlu_data / "model" / "0_StaticEmbedding" / "tokenizer.json"
# Scripts that residents write in, as blocks of Unicode: Latin, signs, Greek, Cyrillic, Thai, Devanagari, Hangul, kana,
# ideographs, wide forms, emoji. Elsewhere the library and Python know different versions of Unicode.
BLOCKS = [
    (0x00, 0x24F), (0x300, 0x3FF), (0x400, 0x45F), (0x900, 0x97F), (0xE00, 0xE5B), (0x1100, 0x11FF), (0x1E00, 0x1EFF),
    (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x218B), (0x2190, 0x23FF), (0x2460, 0x27BF), (0x3000, 0x30FF),
    (0x3130, 0x318F), (0x3200, 0x32FE), (0x3300, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE4F),
    (0xFF01, 0xFFEE), (0x1F300, 0x1F64F), (0x20000, 0x2A6DF),
]  # fmt: skip
ODD = [
    "", " ", "<unk>", "a<unk>b漢<unk>", "ΣΑΣ", "İstanbul", "x" * 300, "う" * 700, "か\u3099", "ｶﾞｽ", "▁a ▁", "l’eau d'or", "①Ⅳ㎏",
    "𠮷野家",
]  # fmt: skip
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="SKIPPED FOR WANT OF the shipped model in nlu_data/model")


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    """The library's reading of the file."""
    return Tokenizer.from_file(str(FILE))


@pytest.fixture(scope="module")
def ours() -> Pieces:
    """Our reading of the file."""
    pieces = pieces_of(json.loads(FILE.read_text(encoding="utf-8")))
    assert pieces is not None
    return pieces


def differing(library: Tokenizer, ours: Pieces, texts: list[str]) -> list[str]:
    """Return the texts that the two cut differently."""
    theirs = library.encode_batch_fast(texts, add_special_tokens=False)
    return [text for text, cut in zip(texts, theirs, strict=True) if cut.ids != ours.numbers(text)]


def test_questions_are_cut_alike(library: Tokenizer, ours: Pieces) -> None:
    """Every held-out question of the twelve languages, and some odd texts."""
    held_out = read_held_out(FILES, load_languages(FILES))
    texts = [question.text for question in (*held_out.entries, *held_out.garbage, *held_out.outside)]

    assert len(texts) > 1_000
    assert differing(library, ours, [*texts, *ODD]) == []


def test_every_letter_is_cut_alike(library: Tokenizer, ours: Pieces) -> None:
    """Each letter of these scripts after, before and between Latin letters, kana, ideographs and spaces."""
    letters = [chr(code) for first, last in BLOCKS for code in range(first, last + 1)]

    assert differing(library, ours, [f"a{letter}bあ{letter}漢 {letter}{letter}" for letter in letters]) == []


def test_letters_thrown_together_are_cut_alike(library: Tokenizer, ours: Pieces) -> None:
    """Scripts mixed without sense, as a broken paste has them."""
    chance = random.Random(1)
    letters = [chr(chance.randrange(*chance.choice(BLOCKS))) for _ in range(2_000)] + list(" 1a▁-あ漢'")
    texts = ["".join(chance.choices(letters, k=chance.randrange(1, 40))) for _ in range(5_000)]

    assert differing(library, ours, texts) == []


def test_another_tokenizer_is_left_to_the_library(tmp_path: Path) -> None:
    """A file with another pipeline is not read by our rules, and the encoder works with it all the same."""
    described = json.loads(FILE.read_text(encoding="utf-8"))
    described["normalizer"] = {"type": "NFKC"}

    assert pieces_of(described) is None
    _copy_model(tmp_path, described)
    lower, upper = StaticEncoder(tmp_path).encode(["city hall", "CITY HALL"])
    assert abs(lower @ upper) < 0.99


def _copy_model(folder: Path, tokenizer: dict[str, object]) -> None:
    """Put the shipped model into a folder, with another tokenizer file."""
    (folder / "0_StaticEmbedding").mkdir()
    (folder / "modules.json").write_bytes((FILE.parent.parent / "modules.json").read_bytes())
    (folder / "0_StaticEmbedding" / "model.safetensors").symlink_to(FILE.parent / "model.safetensors")
    (folder / "0_StaticEmbedding" / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
