"""Any causal language model of Hugging Face."""

from typing import Any

import torch
from torch import Tensor

from gde.generators.letter_ids import letter_ids
from gde.generators.token_generator import TokenGenerator
from gde.nn import Context, Covariates, CovariateSizes, load_pretrained


class LanguageModel(TokenGenerator):
    """A pretrained causal language model that reads z as a prefix: ProGen2, HyenaDNA, GPT-2 and the like (extra ``sequences``).

    z becomes a few vectors that the model reads before the first letter, as if they were letters (prefix tuning: Li & Liang 2021, arXiv
    2101.00190). Of the model's vocabulary only the letters and the end can come out. The model keeps to evaluation mode in training, since
    its own dropout would not be a function of seed, step and set.

    Parameters
    ----------
    n_vectors
        Greatest length of a sequence.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates sequences depend on beside z.
    name
        Name on the hub, e.g. ``"hugohrban/progen2-small"``, or a local folder. A saved GDE model holds the weights; to load it, name must
        still lead to configuration and tokenizer.
    letters
        The letters in the order of their codes, e.g. ``gde.data.Alphabet.find("protein").letters``. Each must be one token of the model.
    end_token
        The token that ends a sequence; None: the tokenizer's own end, separator or padding.
    n_prefix
        Number of vectors that z becomes.
    is_frozen
        Whether only the way from z to the prefix is trained.
    letter_dropout
        Share of the letters that are replaced by the end token in training.
    trust_remote_code
        Whether code that comes with the model may be run.

    Raises
    ------
    ImportError
        If transformers is not installed.
    ValueError
        If a letter is not a token of the model, or the model has no token for the end.

    Examples
    --------
    >>> import gde  # doctest: +SKIP
    >>> letters = gde.data.Alphabet.find("protein").letters  # doctest: +SKIP
    >>> sizes = {"n_vectors": 322, "n_latent": 32}  # doctest: +SKIP
    >>> generator = gde.generators.LanguageModel(
    ...     **sizes, name="hugohrban/progen2-small", letters=letters, trust_remote_code=True
    ... )  # doctest: +SKIP
    """

    model: Any  # of Hugging Face, whose classes have no common type

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        name: str,
        letters: str,
        end_token: str | None = None,
        n_prefix: int = 4,
        is_frozen: bool = False,
        letter_dropout: float = 0.0,
        trust_remote_code: bool = False,
    ):
        super().__init__(n_vectors, n_latent, covariates, n_letters=len(letters), letter_dropout=letter_dropout)
        self.model, tokenizer = load_pretrained(name, "AutoModelForCausalLM", trust_remote_code=trust_remote_code)
        ids = letter_ids(tokenizer, letters, end_token)
        self.register_buffer("ids", torch.tensor(ids), persistent=False)
        self.model.requires_grad_(not is_frozen)
        table = self.model.get_input_embeddings().weight
        self.n_prefix, self.width = n_prefix, table.shape[1]
        self.context = Context(n_latent, self.covariates, n_prefix * self.width)
        with torch.no_grad():  # a prefix looks like letters from the start
            self.context.embedding.weight.mul_(table.std())

    ids: Tensor

    def train(self, mode: bool = True) -> "LanguageModel":
        """Set the mode of all but the language model, which stays in evaluation mode."""
        super().train(mode)
        self.model.eval()
        return self

    def read_context(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """The prefix of each unit, shape (n_units, n_prefix * width)."""
        return self.context(z, set_of_unit, covariates)

    def logits(self, tokens: Tensor, context: Tensor) -> Tensor:
        """Logits at all places, shape (n_units, n_places, n_letters + 1)."""
        inputs = torch.cat([self._prefix(context), self._embed(tokens)], dim=1)
        return self._select(self.model(inputs_embeds=inputs, use_cache=False).logits[:, self.n_prefix - 1 :])

    def next_logits(self, letter: Tensor | None, context: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits of the next place, with the model's cache; a model without one reads all places again."""
        inputs = self._prefix(context) if letter is None else self._embed(letter[:, None])
        if isinstance(state, Tensor):
            inputs, state = torch.cat([state, inputs], dim=1), None
        output = self.model(inputs_embeds=inputs, past_key_values=state, use_cache=True)
        cache = getattr(output, "past_key_values", None)
        return self._select(output.logits[:, -1]), inputs if cache is None else cache

    def _prefix(self, context: Tensor) -> Tensor:
        return context.unflatten(1, (self.n_prefix, self.width))

    def _embed(self, tokens: Tensor) -> Tensor:
        return self.model.get_input_embeddings()(self.ids[tokens])

    def _select(self, logits: Tensor) -> Tensor:
        return logits.index_select(-1, self.ids)
