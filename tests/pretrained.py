"""Tiny models of Hugging Face with random weights, saved as they are on the hub."""

from pathlib import Path


def save_causal_lm(folder: Path, letters: str) -> str:
    """A GPT-2 and a tokenizer of single letters."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    names = ["[UNK]", "[END]", *letters]
    own = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="[UNK]"))
    own.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    PreTrainedTokenizerFast(tokenizer_object=own, unk_token="[UNK]", eos_token="[END]").save_pretrained(folder)
    sizes = {"vocab_size": len(names), "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 32}
    GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=1, eos_token_id=1)).save_pretrained(folder)
    return str(folder)


def save_esm(folder: Path) -> str:
    """An ESM-2 with its tokenizer."""
    from transformers import EsmConfig, EsmModel, EsmTokenizer

    names = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(names))
    EsmTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    tokens = {"vocab_size": len(names), "pad_token_id": 1, "mask_token_id": len(names) - 1}
    EsmModel(EsmConfig(**sizes, **tokens, position_embedding_type="rotary", token_dropout=True)).save_pretrained(folder)
    return str(folder)
