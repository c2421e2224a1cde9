"""Learns the subword vocabulary: a unigram tokenizer whose file also does the normalising, so that every loader agrees."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from faq.training.config import Progress

UNKNOWN = "<unk>"
LONGEST_PIECE = 10
SHARE_EXPONENT = 0.5
_SPELT = r"\p{Latin}\p{Hangul}\p{Devanagari}"
_WORD_START = rf"(?<![{_SPELT}\p{{M}}'’▁])(?=[{_SPELT}])"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+"


def blank_tokenizer() -> Tokenizer:
    """A tokenizer without vocabulary: NFKC, lower case, `▁` before each spelt word, runs of kanji and kana kept whole.

    The mark stands before Latin, Hangul and Devanagari words wherever they begin, so that `PDFを` and `a PDF` share a token
    and a Japanese word is the same at the start of a sentence and inside it.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(_WORD_START), "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("▁"), "merged_with_next"),
         pre_tokenizers.Split(Regex(_UNSPACED), "isolated"), pre_tokenizers.Punctuation("isolated"),
         pre_tokenizers.Digits(individual_digits=True)])
    return tokenizer


def learn_tokenizer(texts: Sequence[str], size: int) -> Tokenizer:
    """A unigram tokenizer of at most `size` pieces learned from the texts."""
    tokenizer = blank_tokenizer()
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=[UNKNOWN], unk_token=UNKNOWN,
                                      max_piece_length=LONGEST_PIECE, shrinking_factor=0.75, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer=trainer, length=len(texts))
    return _in_fixed_order(tokenizer)


def _in_fixed_order(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer with rounded scores and pieces sorted: the trainer leaves the last digits and ties to chance."""
    content = json.loads(tokenizer.to_str())
    first, *rest = ((piece, round(score, 5)) for piece, score in content["model"]["vocab"])
    content["model"]["vocab"] = [first, *sorted(rest, key=lambda piece: (-piece[1], piece[0]))]
    return Tokenizer.from_str(json.dumps(content))


def balanced_sample(texts: dict[str, list[str]], count: int, rng: np.random.Generator) -> list[str]:
    """About `count` texts drawn per language in proportion to the root of how many there are."""
    weight = {language: len(items) ** SHARE_EXPONENT for language, items in texts.items()}
    total = sum(weight.values())
    sample: list[str] = []
    for language, items in texts.items():
        wanted = min(len(items), int(count * weight[language] / total))
        sample.extend(items[index] for index in rng.choice(len(items), wanted, replace=False))
    return sample


def encode_all(tokenizer: Tokenizer, texts: Sequence[str], progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Token ids of all texts in one flat int32 array, and where each text starts: shapes (tokens,), (texts + 1,)."""
    progress.start("cut texts into tokens", len(texts))
    flat: list[np.ndarray] = []
    lengths: list[int] = []
    for chunk in _chunks(texts, 10_000):
        encoded = tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
        lengths.extend(len(item.ids) for item in encoded)
        flat.append(np.fromiter((token for item in encoded for token in item.ids), dtype=np.int32))
        progress.advance(len(chunk))
    progress.finish()
    return np.concatenate(flat), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Writes the tokenizer as one compact JSON file."""
    path.write_text(tokenizer.to_str(pretty=False), encoding="utf-8")


def _chunks(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield list(texts[start:start + size])
