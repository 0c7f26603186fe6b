"""A GGUF file unpacked into a folder that transformers can load offline: config.json, tokenizer.json and bf16 safetensors.

Tensor by tensor, so that memory holds one tensor at a time. Only the architecture qwen2 is known: its query and key rows have the
same order in both formats, so nothing is permuted (llama files are). Formats: the GGUF specification of ggml (2023) and the
Qwen2 model of transformers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import WeightsError

if TYPE_CHECKING:
    from gguf import GGUFReader

ARCHITECTURE = "qwen2"
NAMES = {       # llama.cpp's name of a tensor -> transformers' name
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}
BLOCK_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
# How Qwen2 cuts text before byte-pair merging: contractions, words, single digits, punctuation, line ends, spaces.
WORD_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CONTROL, USER_DEFINED = 3, 4        # token types of ggml that are matched whole, before any cutting


def tensor_name(name: str) -> str:
    """transformers' name of a llama.cpp tensor of a qwen2 model.

    >>> tensor_name("blk.3.attn_q.bias")
    'model.layers.3.self_attn.q_proj.bias'

    Raises:
        WeightsError: qwen2 has no such tensor.
    """
    stem, _, kind = name.rpartition(".")
    parts = stem.split(".")
    if stem in NAMES:
        return f"{NAMES[stem]}.{kind}"
    if len(parts) == 3 and parts[0] == "blk" and parts[2] in BLOCK_NAMES:
        return f"model.layers.{parts[1]}.{BLOCK_NAMES[parts[2]]}.{kind}"
    raise WeightsError(f"the GGUF tensor '{name}' is not one of a {ARCHITECTURE} model; use this file with the back end llama_cpp")


def open_gguf(path: Path) -> GGUFReader:
    """Open a GGUF file of the known architecture; its tensors are mapped, not read.

    Raises:
        WeightsError: not a GGUF file, cut short, or of another architecture.
    """
    from gguf import GGUFReader

    try:
        reader = GGUFReader(path)
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise WeightsError(f"{path} is not a whole GGUF file: {error}") from error
    if (found := value(reader, "general.architecture", "")) != ARCHITECTURE:
        raise WeightsError(f"{path.name} is a '{found}' model; only {ARCHITECTURE} is converted: use this file with the back end llama_cpp")
    return reader


def value(reader: GGUFReader, key: str, default: Any = None) -> Any:
    """One metadata value.

    Raises:
        WeightsError: the key is absent and there is no default.
    """
    field = reader.get_field(key)
    if field is None and default is None:
        raise WeightsError(f"the GGUF file lacks the metadata '{key}'")
    return default if field is None else field.contents()


def config(reader: GGUFReader) -> dict[str, Any]:
    """config.json of transformers from the metadata."""
    def of(key: str) -> Any:
        return value(reader, f"{ARCHITECTURE}.{key}")

    tied = all(tensor.name != "output.weight" for tensor in reader.tensors)
    return {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "dtype": "bfloat16", "hidden_act": "silu",
        "hidden_size": of("embedding_length"), "intermediate_size": of("feed_forward_length"),
        "num_hidden_layers": of("block_count"), "num_attention_heads": of("attention.head_count"),
        "num_key_value_heads": of("attention.head_count_kv"), "max_position_embeddings": of("context_length"),
        "rms_norm_eps": of("attention.layer_norm_rms_epsilon"), "rope_theta": of("rope.freq_base"),
        "vocab_size": len(value(reader, "tokenizer.ggml.tokens")), "tie_word_embeddings": tied,
        "eos_token_id": value(reader, "tokenizer.ggml.eos_token_id"), "use_sliding_window": False,
    }


def write_tokenizer(reader: GGUFReader, folder: Path) -> None:
    """tokenizer.json and tokenizer_config.json: byte-level BPE with the tokens, merges and special tokens of the file."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    tokens: list[str] = value(reader, "tokenizer.ggml.tokens")
    types: list[int] = value(reader, "tokenizer.ggml.token_type")
    merges = [tuple(line.split(" ", 1)) for line in value(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab={token: at for at, token in enumerate(tokens)}, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    words = pre_tokenizers.Split(Regex(WORD_PATTERN), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([_whole(AddedToken, t) for t, kind in zip(tokens, types, strict=True) if kind == CONTROL])
    tokenizer.add_tokens([_whole(AddedToken, t) for t, kind in zip(tokens, types, strict=True) if kind == USER_DEFINED])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"eos_token": tokens[value(reader, "tokenizer.ggml.eos_token_id")]}
    names["pad_token"] = tokens[value(reader, "tokenizer.ggml.padding_token_id", value(reader, "tokenizer.ggml.eos_token_id"))]
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"} | names)


def _whole(make: Callable[..., Any], token: str) -> Any:
    return make(token, normalized=False)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write readable JSON."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_tensors(reader: GGUFReader, folder: Path) -> Iterator[str]:
    """Write one safetensors file a tensor, in bf16, and the index that joins them; yields each name when it is written."""
    import torch
    from gguf import dequantize
    from safetensors.torch import save_file

    places: dict[str, str] = {}
    for tensor in reader.tensors:
        name = tensor_name(tensor.name)
        plain = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy()).to(torch.bfloat16)
        places[name] = f"{name}.safetensors"
        save_file({name: plain.reshape(tuple(int(n) for n in reversed(tensor.shape)))}, folder / places[name], metadata={"format": "pt"})
        yield name
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": places})


def unpack(reader: GGUFReader, folder: Path) -> Iterator[str]:
    """Write the whole folder; yields a name for each tensor written.

    Raises:
        WeightsError: the file is not a whole qwen2 model.
    """
    write_json(folder / "config.json", config(reader))
    write_tokenizer(reader, folder)
    yield from write_tensors(reader, folder)
