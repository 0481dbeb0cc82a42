"""What every generator of sequences is."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gde.generators.generator import Generator
from gde.nn import Covariates, CovariateSizes, SetNoise, segment_mean


class TokenGenerator(Generator):
    r"""An autoregressive distribution of sequences given an embedding.

    .. math:: \log p(x \mid z) = \sum_{t=1}^{T} \log p(x_t \mid x_{<t}, z),

    where the T places of a sequence are its letters and, unless it has the greatest length there is, its end. Padding is never scored. In training, a
    share of the letters that the network reads is blanked, which makes it ask z instead (word dropout: Bowman et al. 2016, arXiv 1511.06349).

    What the embeddings of a batch have in common gets no gradient: a network that knows little of sequences would have all embeddings say, as one
    more bias, what all groups share. Such embeddings grow alike and never part again, since what groups differ in is a fraction of a nat of the
    hundred that a sequence has. So under DDP the weights depend on how the sets are dealt out.

    Parameters
    ----------
    n_vectors
        Greatest length of a sequence.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates sequences depend on beside z.
    n_letters
        Number of letters. The code ``n_letters`` is the end, and the blank.
    letter_dropout
        Share of the letters that are blanked in training.
    """

    kinds: ClassVar[tuple[str, ...]] = ("tokens",)

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_letters: int,
        letter_dropout: float = 0.0,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        self.n_letters = n_letters
        self.letter_dropout = letter_dropout

    @abstractmethod
    def read_context(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """What the network is told of each unit, shape (n_units, any)."""

    @abstractmethod
    def logits(self, tokens: Tensor, context: Tensor) -> Tensor:
        """Logits of the letters and the end at each place.

        Parameters
        ----------
        tokens
            Letters at all places but the last, shape (n_units, n_places - 1).
        context
            What :meth:`read_context` says of each unit.

        Returns
        -------
        Logits, shape (n_units, n_places, n_letters + 1); those of a place depend on earlier places only.
        """

    @abstractmethod
    def next_logits(self, letter: Tensor | None, context: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits of the next place, shape (n_units, n_letters + 1), and the new state.

        Parameters
        ----------
        letter
            Letter at the last place, shape (n_units,); None: there is none yet.
        context
            What :meth:`read_context` says of each unit.
        state
            What this method returned at the last place; None: there is none yet.
        """

    def is_scored(self, tokens: Tensor) -> Tensor:
        """Whether each place of sequences is a letter or the end, not padding, shape (n_units, n_vectors)."""
        is_scored = torch.ones_like(tokens, dtype=torch.bool)
        is_scored[:, 1:] = (tokens[:, :-1] != self.n_letters).cumprod(1).bool()
        return is_scored

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Negative log likelihood in nats a sequence, weighted mean over each set, shape (n_sets,)."""
        if z.requires_grad:
            z = z.view_as(z)  # others may use z too, and their gradient is theirs
            z.register_hook(_without_mean)
        nats = self.nats(vectors, self.read_context(z, set_of_unit, covariates), noise)
        return segment_mean(nats[:, None], set_of_unit, weight, len(z)).squeeze(1)

    def nats(self, tokens: Tensor, context: Tensor, noise: SetNoise) -> Tensor:
        """Negative log likelihood of each unit's sequence, shape (n_units,).

        Parameters
        ----------
        tokens
            Codes of the letters, shape (n_units, n_vectors), filled up with ends.
        context
            What :meth:`read_context` says of each unit.
        noise
            Where random numbers come from.
        """
        tokens = tokens.long()
        is_scored = self.is_scored(tokens)
        n_places = int(is_scored.sum(1).max())
        read = tokens[:, :-1]
        if self.training and self.letter_dropout:
            is_blank = noise.uniform(self.n_vectors)[:, 1:] < self.letter_dropout
            read = torch.where(is_blank, self.n_letters, read)
        logits = self.logits(read[:, : n_places - 1], context)
        nats = cross_entropy(logits.transpose(1, 2), tokens[:, :n_places], reduction="none") * is_scored[:, :n_places]
        return nats.sum(1)

    def sample(
        self,
        z: Tensor,
        set_of_unit: Tensor,
        covariates: Covariates,
        noise: SetNoise,
        *,
        temperature: float = 1.0,
    ) -> Tensor:
        """Draw a sequence for each unit, all at once and letter by letter.

        Parameters
        ----------
        z, set_of_unit, covariates, noise
            See :meth:`gde.generators.Generator.sample`.
        temperature
            Logits are divided by it: below 1 the likely letters become more so, above 1 less.

        Returns
        -------
        Codes, shape (n_units, n_vectors), of integers; after its end a sequence is filled up with ends.
        """
        context, numbers = self.read_context(z, set_of_unit, covariates), noise.uniform(self.n_vectors)
        tokens = torch.full_like(numbers, self.n_letters, dtype=torch.long)
        letter, state = None, None
        for place in range(self.n_vectors):
            logits, state = self.next_logits(letter, context, state)
            if place == 0:
                logits = logits[:, : self.n_letters]  # no sequence is empty
            share = torch.softmax(logits.double() / temperature, dim=1).cumsum(1)
            drawn = (share < numbers[:, [place]]).sum(1).clamp_max(logits.shape[1] - 1)
            letter = drawn if letter is None else torch.where(letter == self.n_letters, letter, drawn)
            tokens[:, place] = letter
            if (letter == self.n_letters).all():
                break
        return tokens


def _without_mean(gradient: Tensor) -> Tensor:
    """Gradient of embeddings less its mean over those that have one: that of a set without units has none, and a single one keeps it."""
    is_used = (gradient != 0).any(1, keepdim=True)
    n_used = is_used.sum()
    return gradient - is_used * (n_used > 1) * gradient.sum(0) / n_used.clamp_min(1)
