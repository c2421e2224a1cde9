"""The workshop of the embedding model: public data and our own content in, `nlu_data/model/` out."""

from faq.training.config import ModelReport, Progress, Silent, TrainingConfig, TrainingError
from faq.training.run import train_model

__all__ = ["ModelReport", "Progress", "Silent", "TrainingConfig", "TrainingError", "train_model"]
