"""A tagger in WD's form, whose scores the tests know."""

import math

from tests.tiny_taggers import tiny_onnx, write_selected_tags

SCORES = {"1girl": 0.9, "smile": 0.6, "hair_over_one_eye": 0.5, "blue_eyes": 0.4, "hat": 0.32, "sword": 0.1}
"""What it says of a picture that is grey in the middle of all shades."""


def wd_tagger(folder):
    """The file of a tagger that gives every grey picture these scores; ``folder`` holds its tags beside it."""
    logits = [math.log(score / (1 - score)) for score in SCORES.values()]
    path = tiny_onnx(folder / "model.onnx", [[logit / (3 * 128)] * 3 for logit in logits], last=True, batch=None,
                     sigmoid=True)  # fmt: skip
    write_selected_tags(folder, [(tag, 0) for tag in SCORES])
    return path
