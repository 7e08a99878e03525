"""The WebUI's BLIP through the adapter, on the stand-in."""

import pytest
import torch
from PIL import Image

from lib_train.errors import ModelFileError


@pytest.fixture
def file(adapter, tmp_path):
    from modules import interrogate, paths

    paths.models_path = str(tmp_path)
    return interrogate.write_tiny(tmp_path)


def test_sentence_is_said_without_clip(host, file):
    from modules import shared

    found = [
        one.sentence for one in host.tag("blip", [Image.new("RGB", (8, 8), colour) for colour in ("white", "red")])
    ]
    assert found == ["a picture of light", "a picture of darkness"]
    held = shared.interrogator
    assert (held.blip_model, held.clip_model, held.dtype) == (None, None, None)


def test_one_that_was_loaded_stays(host, file):
    from modules import shared

    held = shared.interrogator
    held.blip_model, held.dtype = held.load_blip_model(), torch.float64  # of CLIP, as after the WebUI's own use
    before = held.blip_model
    list(host.tag("blip", [Image.new("RGB", (8, 8))]))
    assert (held.blip_model, held.dtype) == (before, torch.float64)


def test_missing_file_is_named_with_its_place(host, file):
    file.unlink()
    (_, tagger) = host.taggers()
    assert tagger.missing.startswith("model_base_caption_capfilt_large.pth is missing: get https://storage.googleapis")
    assert tagger.missing.endswith(f"and put it into {file.parent}")


def test_damaged_file_and_missing_words_of_bert_are_named(host, file, monkeypatch):
    from modules import shared

    file.write_bytes(b"no weights")
    with pytest.raises(ModelFileError, match=f"{file.parent}: the WebUI's BLIP cannot be loaded"):
        list(host.tag("blip", [Image.new("RGB", (8, 8))]))
    offline = OSError("We couldn't connect to 'https://huggingface.co' to load this file")
    monkeypatch.setattr(shared.interrogator, "load_blip_model", lambda: (_ for _ in ()).throw(offline))
    with pytest.raises(ModelFileError, match="couldn't connect.*bert-base-uncased"):
        list(host.tag("blip", [Image.new("RGB", (8, 8))]))
    assert shared.interrogator.blip_model is None
