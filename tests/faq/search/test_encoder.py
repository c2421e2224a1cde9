"""The encoder reads static models without torch, agrees with sentence-transformers, and explains what is wrong."""

import logging
from pathlib import Path

import numpy as np
import pytest

from faq.search.encoder import EncoderError, StaticEncoder, encode_passages, load_encoder
from faq.search.vector_cache import VectorCache
from faq.training.export import export_model, quantise, reduce
from faq.training.vocabulary import learn_tokenizer

TEXTS = ["転入届はどこで出しますか", "I lost my card", "कर कसरी तिर्ने", "tôi mất thẻ", "쓰레기 수거일", "ＡＢＣ１２３", ""]
UNKNOWN = "☃"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model directory with random vectors and a vocabulary of the test's own texts."""
    tokenizer = learn_tokenizer(TEXTS * 3, 200)
    vectors = np.random.default_rng(0).normal(size=(tokenizer.get_vocab_size(), 16)).astype(np.float32)
    export_model(vectors, tokenizer, tmp_path / "model")
    return tmp_path / "model"


def test_vectors_have_length_one_and_unknown_text_is_zero(model: Path) -> None:
    """Rows are comparable by a plain product, and nothing known means nothing similar."""
    vectors = StaticEncoder(model).encode([TEXTS[0], UNKNOWN, ""])

    assert np.allclose([1, 0, 0], np.linalg.norm(vectors, axis=1), atol=1e-6)
    assert vectors.dtype == np.float32


def test_width_and_case_do_not_matter(model: Path) -> None:
    """The tokenizer file itself does NFKC and lower case."""
    wide, plain = StaticEncoder(model).encode(["ＡＢＣ１２３", "abc123"])

    assert np.allclose(wide, plain)


def test_no_text_gives_no_row(model: Path) -> None:
    """An empty list keeps the width."""
    assert StaticEncoder(model).encode([]).shape == (0, 16)


def test_vectors_equal_those_of_sentence_transformers(model: Path) -> None:
    """The shipped model is a genuine sentence-transformers model: both readers agree to 1e-4."""
    library = pytest.importorskip("sentence_transformers", reason="needs the [models] extra: pip install 'madoguchi[models]'")
    for path in (model, Path("nlu_data/model")):
        if path.exists():
            theirs = library.SentenceTransformer(str(path), device="cpu").encode([*TEXTS, UNKNOWN])
            assert np.abs(theirs - StaticEncoder(path).encode([*TEXTS, UNKNOWN])).max() < 1e-4


def test_a_full_precision_static_model_is_read_too(tmp_path: Path) -> None:
    """A directory that sentence-transformers wrote itself works as well as ours."""
    library = pytest.importorskip("sentence_transformers", reason="needs the [models] extra: pip install 'madoguchi[models]'")
    modules = pytest.importorskip("sentence_transformers.sentence_transformer.modules")
    bag = modules.StaticEmbedding(learn_tokenizer(TEXTS * 3, 150), embedding_dim=8)
    theirs = library.SentenceTransformer(modules=[bag], device="cpu")
    theirs.save_pretrained(str(tmp_path / "saved"))

    ours = StaticEncoder(tmp_path / "saved").encode(TEXTS[:5])

    assert np.abs(ours - theirs.encode(TEXTS[:5], normalize_embeddings=True)).max() < 1e-4


def test_any_other_model_goes_through_sentence_transformers(tmp_path: Path) -> None:
    """A transformer model is loaded by configuration, with prefixes, and its vectors are kept by content."""
    pytest.importorskip("sentence_transformers", reason="needs the [models] extra: pip install 'madoguchi[models]'")
    _save_transformer(tmp_path / "bert")

    encoder = load_encoder(tmp_path / "bert", query_prefix="query: ", passage_prefix="passage: ", cache=tmp_path / "cache")

    assert encoder is not None
    question, passage = encoder.encode(["a b"]), encode_passages(encoder, ["a b"])
    assert question.shape == passage.shape == (1, encoder.dim)
    assert not np.allclose(question, passage)
    assert np.allclose(passage, encode_passages(encoder, ["a b"]), atol=1e-3)
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 1


def test_a_missing_model_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without a model the service searches by words, and says so once."""
    with caplog.at_level(logging.WARNING):
        assert load_encoder(tmp_path / "nowhere") is None

    assert "searching by words only" in caplog.text


def test_a_hub_name_is_no_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`owner/name` is asked from a hub; the same form under a folder that is here is a missing model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    monkeypatch.setattr("faq.search.hub_encoder._load", _refuse)

    assert load_encoder("models/none") is None
    with pytest.raises(EncoderError, match="owner/name"):
        load_encoder("owner/name")


@pytest.mark.parametrize(("file", "content", "message"), [
    ("modules.json", "{", "not a list of modules"),
    ("0_StaticEmbedding/tokenizer.json", "{}", "no tokenizer"),
    ("0_StaticEmbedding/model.safetensors", "junk", "no weights"),
])
def test_a_broken_model_says_what_is_wrong_and_what_to_do(model: Path, file: str, content: str, message: str) -> None:
    """Every damaged part is named, with the way out."""
    (model / file).write_text(content, encoding="utf-8")

    with pytest.raises(EncoderError, match=message) as caught:
        load_encoder(model)

    assert "madoguchi train model" in str(caught.value)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is no model at all is not mistaken for a missing one."""
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")

    with pytest.raises(EncoderError, match=r"no modules\.json"):
        load_encoder(tmp_path)


def test_a_tokenizer_of_another_model_is_refused(model: Path) -> None:
    """Mixed files would give silent nonsense, so the sizes are compared."""
    learn_tokenizer(["aa bb cc"] * 3, 60).save(str(model / "0_StaticEmbedding" / "tokenizer.json"))

    with pytest.raises(EncoderError, match="different models"):
        StaticEncoder(model)


def test_the_name_changes_with_the_weights(model: Path, tmp_path: Path) -> None:
    """An index made with other weights can be told by the encoder's name."""
    before = StaticEncoder(model).name
    tokenizer = learn_tokenizer(TEXTS * 3, 200)
    export_model(np.ones((tokenizer.get_vocab_size(), 16), np.float32), tokenizer, model)

    assert StaticEncoder(model).name != before


def test_eight_bits_keep_a_vector_within_a_hundredth() -> None:
    """Rows survive rounding to 8 bits with one factor each."""
    vectors = np.random.default_rng(1).normal(size=(50, 32)).astype(np.float32)

    rows, factors = quantise(vectors)

    assert np.abs(rows * factors[:, None] - vectors).max() < 0.02


def test_reduction_keeps_the_strongest_directions() -> None:
    """Vectors of a plane lose nothing when reduced to two dimensions."""
    vectors = np.random.default_rng(2).normal(size=(20, 2)).astype(np.float32) @ np.eye(2, 6, dtype=np.float32)

    reduced = reduce(vectors, vectors, 2)

    assert np.allclose(vectors @ vectors.T, reduced @ reduced.T, atol=1e-4)


def test_cached_vectors_survive_a_restart_and_are_encoded_once(tmp_path: Path) -> None:
    """The second reader asks for nothing that the first one kept."""
    asked: list[list[str]] = []

    def encode(texts: list[str]) -> np.ndarray:
        asked.append(texts)
        return np.ones((len(texts), 4), np.float32)

    VectorCache(tmp_path, "m", 4).fetch(["a", "b", "a"], encode)
    again = VectorCache(tmp_path, "m", 4)

    assert again.fetch(["b", "a", "c"], encode).shape == (3, 4)
    assert asked == [["a", "b"], ["c"]]


def test_a_damaged_cache_is_started_anew(tmp_path: Path) -> None:
    """Caches are never a reason to fail."""
    cache = VectorCache(tmp_path, "m", 4)
    cache.fetch(["a"], lambda texts: np.ones((len(texts), 4), np.float32))
    next(tmp_path.glob("*.npz")).write_bytes(b"broken")

    assert len(VectorCache(tmp_path, "m", 4)) == 0


def _refuse(model: str, device: str | None) -> None:
    raise EncoderError(f"no hub here for {model}")


def _save_transformer(path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "a", "b", ":", "query", "passage"]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    source = path.parent / "source"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(source)  # noqa: S106
    BertModel(BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                         intermediate_size=16)).save_pretrained(source)
    SentenceTransformer(modules=[Transformer(str(source)), Pooling(16)], device="cpu").save_pretrained(str(path))
