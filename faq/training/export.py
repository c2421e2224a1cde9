"""Writes a model directory that sentence-transformers loads as it is: eight-bit token vectors, tokenizer, modules."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from faq.training.vocabulary import UNKNOWN, save_tokenizer

STATIC = "0_StaticEmbedding"
_PACKAGE = "sentence_transformers"
_MODULES = [
    {"idx": 0, "name": "0", "path": STATIC,
     "type": f"{_PACKAGE}.sentence_transformer.modules.static_embedding.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{_PACKAGE}.base.modules.normalize.Normalize"},
]


def reduce(vectors: NDArray[np.float32], sentences: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """The token vectors on the `dim` strongest directions of sentence vectors, shape (vocabulary, dim); not centred."""
    if dim >= vectors.shape[1]:
        return vectors
    _, directions = np.linalg.eigh(sentences.T @ sentences)
    kept: NDArray[np.float32] = (vectors @ directions[:, ::-1][:, :dim]).astype(np.float32)
    return kept


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Eight-bit rows (vocabulary, dim) and the factor (vocabulary,) that each row is multiplied with."""
    factors = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / 127
    rows = np.rint(vectors / factors[:, None]).astype(np.int8)
    return rows, factors.astype(np.float32)


def export_model(vectors: NDArray[np.float32], tokenizer: Tokenizer, out: Path) -> int:
    """Writes the model directory and returns its size in bytes; the unknown token gets the zero vector."""
    vectors = vectors.copy()
    vectors[tokenizer.token_to_id(UNKNOWN)] = 0.0
    rows, factors = quantise(vectors)
    (out / STATIC).mkdir(parents=True, exist_ok=True)
    (out / "1_Normalize").mkdir(exist_ok=True)
    weights = out / STATIC / "model.safetensors"
    save_file({"embeddings": rows, "weights": factors}, weights)
    weights.chmod(0o644)  # the library writes for the owner only; the service runs under another name
    save_tokenizer(tokenizer, out / STATIC / "tokenizer.json")
    _write(out / "modules.json", _MODULES)
    _write(out / "config_sentence_transformers.json", {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine",
                                                       "prompts": {}, "default_prompt_name": None})
    _write(out / "1_Normalize" / "config.json",
           {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"})
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
