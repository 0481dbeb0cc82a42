"""Letters as tokens of a language model."""

from typing import Any


def letter_ids(tokenizer: Any, letters: str, end_token: str | None = None) -> list[int]:
    """Token of each letter, and of the end, in a tokenizer of Hugging Face.

    Parameters
    ----------
    tokenizer
        The tokenizer.
    letters
        The letters.
    end_token
        The token that ends a sequence; None: the tokenizer's own end, separator or padding.

    Raises
    ------
    ValueError
        If a letter is not one token of its own, or there is no token for the end.
    """
    ids = [tokenizer.encode(letter, add_special_tokens=False) for letter in letters]
    bad = [
        letter
        for letter, own in zip(letters, ids, strict=True)
        if len(own) != 1 or own[0] == tokenizer.unk_token_id or ids.count(own) > 1
    ]
    if bad:
        raise ValueError(
            f"The letters {', '.join(map(repr, bad))} are not tokens of their own in this model's vocabulary. Choose a model of single letters, or an "
            "`alphabet=` without them."
        )
    if end_token is not None:
        end = tokenizer.convert_tokens_to_ids(end_token)
        end = None if end == tokenizer.unk_token_id else end
    else:
        own = (tokenizer.eos_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)
        end = next((token for token in own if token is not None), None)
    if end is None:
        raise ValueError("This model has no token for the end of a sequence: name one with `end_token=`.")
    return [*(own[0] for own in ids), end]
