"""Models of Hugging Face, loaded on request."""

from typing import Any, Literal

import torch
from torch import nn


def load_pretrained(
    name: str, model_class: Literal["AutoModel", "AutoModelForCausalLM"], *, trust_remote_code: bool = False
) -> tuple[nn.Module, Any]:
    """A model and its tokenizer, in float32 and evaluation mode.

    Parameters
    ----------
    name
        Name on the hub, e.g. ``"facebook/esm2_t6_8M_UR50D"``, or a local folder.
    model_class
        Class of transformers that loads it.
    trust_remote_code
        Whether code that comes with the model may be run.

    Raises
    ------
    ImportError
        If transformers is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise ImportError(
            'Pretrained sequence models need transformers: `pip install "gde-tools[sequences]"`.'
        ) from error
    tokenizer = transformers.AutoTokenizer.from_pretrained(name, trust_remote_code=trust_remote_code)
    model = getattr(transformers, model_class).from_pretrained(
        name, trust_remote_code=trust_remote_code, dtype=torch.float32
    )
    return model.eval(), tokenizer
