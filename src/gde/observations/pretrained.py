"""Features of sequences by any encoder of Hugging Face."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from gde.nn import load_pretrained
from gde.observations.sequence_featuriser import SequenceFeaturiser


class Pretrained(SequenceFeaturiser):
    """The mean over a sequence of a pretrained model's last layer, standardised: ESM-2 for proteins, HyenaDNA for DNA and the like (extra ``sequences``).

    Sequences that occur more than once are read once. The model keeps to evaluation mode in training.

    Parameters
    ----------
    name
        Name on the hub, e.g. ``"facebook/esm2_t6_8M_UR50D"``, or a local folder. A saved GDE model holds the weights; to load it, name must
        still lead to configuration and tokenizer.
    letters
        The letters in the order of their codes, e.g. ``gde.data.Alphabet.find("protein").letters``.
    is_frozen
        Whether the model stays as it is. It is otherwise trained with everything else.
    batch_size
        Number of sequences that a frozen model reads at once.
    trust_remote_code
        Whether code that comes with the model may be run.

    Raises
    ------
    ImportError
        If transformers is not installed.

    Examples
    --------
    >>> import gde  # doctest: +SKIP
    >>> letters = gde.data.Alphabet.find("protein").letters  # doctest: +SKIP
    >>> featuriser = gde.observations.Pretrained("facebook/esm2_t6_8M_UR50D", letters)  # doctest: +SKIP
    """

    mean: Tensor
    sd: Tensor

    model: Any  # of Hugging Face, whose classes have no common type

    def __init__(
        self,
        name: str,
        letters: str,
        *,
        is_frozen: bool = True,
        batch_size: int = 64,
        trust_remote_code: bool = False,
    ):
        super().__init__()
        self.letters, self.is_frozen, self.batch_size = letters, is_frozen, batch_size
        self.model, self._tokenizer = load_pretrained(name, "AutoModel", trust_remote_code=trust_remote_code)
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self.model.requires_grad_(not is_frozen)
        config = self.model.config
        self.n_features = config.hidden_size if hasattr(config, "hidden_size") else config.d_model
        self.register_buffer("mean", torch.zeros(self.n_features))
        self.register_buffer("sd", torch.ones(self.n_features))

    def train(self, mode: bool = True) -> "Pretrained":
        """Set the mode; the pretrained model stays in evaluation mode."""
        super().train(mode)
        self.model.eval()
        return self

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set mean and standard deviation of each feature from the training sequences."""
        features = torch.cat([self._means(tokens) for tokens in chunks()])
        self.mean.copy_(features.mean(0))
        self.sd.copy_(features.std(0, correction=0).clamp_min(1e-6))

    def forward(self, tokens: Tensor) -> Tensor:
        """Features, shape (n_units, n_features)."""
        return (self._means(tokens) - self.mean) / self.sd

    def _means(self, tokens: Tensor) -> Tensor:
        unique, place = torch.unique(tokens.long(), dim=0, return_inverse=True)
        sequences = [self._spell(row) for row in unique.tolist()]
        size = self.batch_size if self.is_frozen else len(sequences)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.is_frozen):
            parts = [self._read(sequences[start : start + size]) for start in range(0, len(sequences), size)]
        return torch.cat(parts)[place]

    def _spell(self, codes: list[int]) -> str:
        end = codes.index(len(self.letters)) if len(self.letters) in codes else len(codes)
        return "".join(self.letters[code] for code in codes[:end])

    def _read(self, sequences: list[str]) -> Tensor:
        """Mean of the last layer over the letters of each sequence, without special tokens."""
        options = {"padding": True, "return_attention_mask": True, "return_special_tokens_mask": True}
        inputs = self._tokenizer(sequences, return_tensors="pt", **options).to(self.mean.device)
        is_letter = inputs["attention_mask"].bool() & ~inputs["special_tokens_mask"].bool()
        wanted = {key: inputs[key] for key in self._tokenizer.model_input_names if key in inputs}
        hidden = self.model(**wanted).last_hidden_state * is_letter[..., None]
        return hidden.sum(1) / is_letter.sum(1, keepdim=True).clamp_min(1)
