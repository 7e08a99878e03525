"""How the text encoders are asked, told by asking them plainly."""

from typing import Any

import pytest
import torch

from lib_train.host.standalone.host import StandaloneHost

PADS = {"sd1": (49407,), "sd2": (0,), "sdxl": (49407, 0)}
CAT = [320, 1125, 539, 320, 2368]  # "a photo of a cat"


@pytest.fixture(scope="module", params=PADS)
def model(request, checkpoints):
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoints[request.param]))) as borrowed:
        yield borrowed


def plainly(model, ids):
    """Context and pooled output of one chunk of token ids, by the rules as published."""
    states, pooled = [], None
    for encoder, pad in zip(model.text_encoders, PADS[model.family], strict=True):
        filled = [49406, *ids, 49407] + [pad] * (75 - len(ids))
        out = encoder(input_ids=torch.tensor([filled]), output_hidden_states=True)
        states.append(out.hidden_states[-2] if model.family == "sdxl" else out.last_hidden_state)
        pooled = getattr(out, "text_embeds", None)
    return torch.cat(states, -1)[0], None if pooled is None else pooled[0]


def test_caption_is_encoded_with_the_pads_and_layers_of_its_family(model):
    found = model.encode_captions(["a photo of a cat"], 1, 75)
    context, pooled = plainly(model, CAT)
    assert torch.allclose(found.context[0], context, atol=1e-6)
    assert (pooled is None) == (found.pooled is None)
    assert pooled is None or torch.allclose(found.pooled[0], pooled, atol=1e-6)


def test_long_caption_is_cut_every_75_tokens_and_pooled_from_its_first_chunk(model):
    found = model.encode_captions(["cat " * 80], 1, 150)
    (first, pooled), (second, _) = plainly(model, [2368] * 75), plainly(model, [2368] * 5)
    assert torch.allclose(found.context[0], torch.cat([first, second]), atol=1e-6)
    assert pooled is None or torch.allclose(found.pooled[0], pooled, atol=1e-6)


def test_clip_skip_of_sd1_takes_an_earlier_layer_through_the_last_norm(checkpoints):
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoints["sd1"]))) as model:
        text: Any = model.text_encoders[0]
        ids = torch.tensor([[49406, *CAT] + [49407] * 71])
        layer = text(input_ids=ids, output_hidden_states=True).hidden_states[-2]
        found = model.encode_captions(["a photo of a cat"], 2, 75).context
        assert torch.allclose(found, text.text_model.final_layer_norm(layer), atol=1e-6)


def test_weights_of_a_prompt_keep_the_mean_of_every_encoder_and_chunk(model):
    _, found = model.encode_guidance("x", "(a photo of:1.5) a cat BREAK cat", 1).context
    plain, second = plainly(model, CAT)[0], plainly(model, [2368])[0]
    weights = torch.ones(77)
    weights[1:4] = 1.5
    parts = []
    for states in plain.split(64, -1):  # each encoder by itself
        stressed = states * weights[:, None]
        parts.append(stressed * (states.mean() / stressed.mean()))
    assert torch.allclose(found[:77], torch.cat(parts, -1), atol=1e-5)
    assert torch.allclose(found[77:], second, atol=1e-6)


def test_negative_prompt_is_as_long_as_the_prompt(model):
    found = model.encode_guidance("cat", "cat BREAK cat BREAK cat", 1)
    cat, empty = plainly(model, [2368])[0], plainly(model, [])[0]
    assert torch.allclose(found.context[0], torch.cat([cat, empty, empty]), atol=1e-6)
    assert torch.allclose(found.context[1], torch.cat([cat, cat, cat]), atol=1e-6)


def test_no_negative_prompt_is_zero_for_sdxl_and_the_empty_text_otherwise(model):
    found = model.encode_guidance("", "cat", 1)
    if model.family == "sdxl":
        assert not found.context[0].any()
        assert not found.pooled[0].any()
        assert found.pooled[1].any()
    else:
        assert torch.allclose(found.context[0], plainly(model, [])[0], atol=1e-6)
    assert torch.allclose(found.context[1], plainly(model, [2368])[0], atol=1e-6)


def test_network_tags_are_no_part_of_a_prompt(model):
    tagged = model.encode_guidance("x", "cat <lora:some-file_2:0.8>", 1).context[1]
    assert torch.allclose(tagged, plainly(model, [2368])[0], atol=1e-6)


def test_checkpointing_keeps_a_forward_that_was_there_before(model):
    block = next(m for m in model.unet.modules() if type(m).__name__ == "ResnetBlock2D")
    block.forward = before = block.forward
    try:
        with model.checkpointed(True), model.checkpointed(True):
            assert block.__dict__["forward"] is not before
        assert block.__dict__["forward"] is before
    finally:
        del block.__dict__["forward"]


@pytest.mark.parametrize("change", ["vae", "text_encoder"])
def test_keys_change_with_the_weights_they_stand_for(checkpoints, change):
    host = StandaloneHost(device="cpu")
    keys = []
    for factor in (1.0, 1.001):
        with host.borrow(host.find(str(checkpoints["sd1"]))) as model:
            module = model.vae if change == "vae" else model.text_encoders[0]  # type: ignore[attr-defined]
            next(p for p in module.parameters() if p.dim() > 1).data.mul_(factor)
            keys.append((model.vae_key(), model.text_key()))
    assert (keys[0][0] == keys[1][0], keys[0][1] == keys[1][1]) == (change != "vae", change == "vae")
