"""The training loop: token vectors learn to bring pairs together and everything else in a batch apart (InfoNCE)."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from faq.training.config import Progress, TrainingConfig, TrainingError
from faq.training.dataset import Dataset, Ints, batches, gather

if TYPE_CHECKING:
    import torch

CHECKPOINT = "checkpoint.pt"


def learn_vectors(dataset: Dataset, vocabulary: int, config: TrainingConfig, progress: Progress) -> NDArray[np.float32]:
    """Token vectors of shape (vocabulary, dim) after `config.steps` batches; continues from a checkpoint on `resume`."""
    torch = load_torch()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    device = _device(torch, config.device)
    bag = torch.nn.EmbeddingBag(vocabulary, config.dim, mode="mean", sparse=True, device=device)
    optimiser = torch.optim.SparseAdam(bag.parameters(), lr=config.learning_rate)
    first = _restore(torch, bag, optimiser, config) if config.resume else 0
    progress.start("learn token vectors", config.steps)
    progress.advance(first)
    started, loss = time.monotonic(), 0.0
    source = batches(dataset, config.batch, config.own_share, config.seed, first)
    for step, batch in zip(range(first, config.steps), source, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, config)
        value = _step(torch, bag, optimiser, dataset, batch, config, step)
        loss = 0.98 * loss + 0.02 * value if step > first else value
        progress.advance(1, f"loss {loss:.3f}  {(step - first + 1) / (time.monotonic() - started):.1f} steps/s")
        if (step + 1) % config.checkpoint_every == 0:
            _save(torch, bag, optimiser, config, step + 1)
    progress.finish()
    vectors: NDArray[np.float32] = bag.weight.detach().float().cpu().numpy()
    return vectors


def load_torch() -> Any:
    """The torch module, or a `TrainingError` that says how to install it."""
    try:
        import torch
    except ImportError as error:
        raise TrainingError("torch is not installed. Training needs it: pip install 'madoguchi[models]'.") from error
    return torch


def rate_at(step: int, config: TrainingConfig) -> float:
    """The learning rate of a step: linear warm-up, then linear to zero."""
    warm = min(1.0, (step + 1) / max(1, config.warmup))
    return config.learning_rate * warm * (1.0 - step / config.steps)


def _step(torch: Any, bag: Any, optimiser: Any, dataset: Dataset, batch: Ints, config: TrainingConfig, step: int) -> float:
    rng = np.random.default_rng((config.seed, 7, step))
    sides = []
    for column in (0, 1):
        ids, offsets = gather(dataset, batch[:, column], config.token_dropout, rng)
        vectors = bag(torch.from_numpy(ids).to(bag.weight.device), torch.from_numpy(offsets).to(bag.weight.device))
        sides.append(torch.nn.functional.normalize(vectors, dim=-1))
    scores = sides[0] @ sides[1].T * config.scale
    scores = scores.masked_fill(_not_negatives(torch, batch).to(scores.device), -1e4)
    target = torch.arange(len(batch), device=scores.device)
    loss = (torch.nn.functional.cross_entropy(scores, target) + torch.nn.functional.cross_entropy(scores.T, target)) / 2
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach())


def _not_negatives(torch: Any, batch: Ints) -> "torch.Tensor":
    """True where row i and column j, i ≠ j, share a text or a group: they would be false negatives."""
    one, two, group = (torch.from_numpy(np.ascontiguousarray(batch[:, column])) for column in range(3))
    same = (one[:, None] == one[None, :]) | (two[:, None] == two[None, :])
    same |= (group[:, None] == group[None, :]) & (group[:, None] >= 0)
    same.fill_diagonal_(fill_value=False)
    return same


def _device(torch: Any, wanted: str) -> str:
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def _save(torch: Any, bag: Any, optimiser: Any, config: TrainingConfig, step: int) -> None:
    config.work.mkdir(parents=True, exist_ok=True)
    part = config.work / f"{CHECKPOINT}.part"
    torch.save({"step": step, "bag": bag.state_dict(), "optimiser": optimiser.state_dict()}, part)
    part.replace(config.work / CHECKPOINT)


def _restore(torch: Any, bag: Any, optimiser: Any, config: TrainingConfig) -> int:
    path: Path = config.work / CHECKPOINT
    if not path.exists():
        return 0
    state = torch.load(path, map_location=bag.weight.device, weights_only=True)
    if state["bag"]["weight"].shape != bag.weight.shape:
        raise TrainingError(f"{path}: holds vectors of shape {tuple(state['bag']['weight'].shape)}, expected "
                            f"{tuple(bag.weight.shape)}. Remove it, or train with the sizes it was made with.")
    bag.load_state_dict(state["bag"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])
