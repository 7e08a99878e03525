"""What each setting of previews does."""

from collections.abc import Sequence

from tests.effects.probes import Settings, drawn, liked, sheet, sheets_by_axes
from tests.effects.table import Effect

_PROMPT = {"preview_prompts": ("a cat",)}
_NONE: Sequence[Settings] = ({},)
_EPOCHS = {**_PROMPT, "max_train_steps": None, "max_train_epochs": 2, "preview_after_training": False}

EFFECTS = {
    "preview_prompts": Effect(("a cat", "a dog"), sheet),
    "preview_like_txt2img": Effect(True, liked),
    "preview_negative_prompt": Effect("hat", sheet, _PROMPT, _NONE),
    "preview_seeds": Effect((1, 2), sheet, _PROMPT, _NONE),
    "preview_weights": Effect((0.5,), sheet, _PROMPT, _NONE),
    "preview_block_weights": Effect(("FACE",), sheet, _PROMPT, _NONE),
    "preview_sheets": Effect(("seed:1,2",), sheets_by_axes, _PROMPT, _NONE),
    "preview_sampler": Effect(("DDIM",), sheet, _PROMPT, _NONE),
    "preview_steps": Effect((5,), sheet, _PROMPT, _NONE),
    "preview_cfg_scale": Effect((3.0,), sheet, _PROMPT, _NONE),
    "preview_batch_size": Effect(2, sheet, _PROMPT, _NONE),
    "preview_width": Effect((128,), sheet, _PROMPT, _NONE),
    "preview_height": Effect((128,), sheet, _PROMPT, _NONE),
    "preview_every_n_epochs": Effect(1, drawn, _EPOCHS, _NONE),
    "preview_every_n_steps": Effect(3, drawn, {**_PROMPT, "preview_after_training": False}, _NONE),
    "preview_at_first": Effect(True, drawn, {**_PROMPT, "preview_after_training": False}, _NONE),
    "preview_after_training": Effect(False, drawn, _PROMPT, _NONE),
}
