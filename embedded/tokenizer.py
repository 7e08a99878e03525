"""Make CLIP's tokenizer files from its list of merges: ``python -m embedded.tokenizer bpe_simple_vocab_16e6.txt.gz``.

The list lies in the PyPI package open_clip_torch, as open_clip/bpe_simple_vocab_16e6.txt.gz (MIT licence).
"""

import argparse
import gzip
import json
from pathlib import Path

from embedded.denoiser import text_config
from lib_train.models.embedded import TOKENIZER_FOLDER

_MERGES = 49152 - 256 - 2
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_letters() -> list[str]:
    """A printable letter for each of the 256 bytes, in CLIP's order: printable bytes first, as themselves."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + place) for place in range(len(others))]


def write(merges: list[str], folder: Path) -> None:
    """vocab.json, merges.txt and the small configurations that readers of such folders want."""
    letters = byte_letters()
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += [*("".join(pair.split()) for pair in merges), START, END]
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    config = {**special, "model_max_length": 77, "do_lower_case": True, "tokenizer_class": "CLIPTokenizer"}
    model = text_config().to_dict() | {"model_type": "clip_text_model", "architectures": ["CLIPTextModel"]}
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "vocab.json": json.dumps({word: place for place, word in enumerate(words)}, ensure_ascii=False),
        "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n",
        "special_tokens_map.json": json.dumps(special, indent=2) + "\n",
        "tokenizer_config.json": json.dumps(config, indent=2) + "\n",
        "config.json": json.dumps(model, indent=2, sort_keys=True) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("merges", type=Path)
    options = parser.parse_args()
    with gzip.open(options.merges, "rt", encoding="utf-8") as file:
        write(file.read().split("\n")[1 : 1 + _MERGES], TOKENIZER_FOLDER)


if __name__ == "__main__":
    main()
