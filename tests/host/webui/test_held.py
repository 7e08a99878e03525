from contextlib import nullcontext

import pytest

from lib_train.errors import BaseModelChanged
from tests.host.inputs import picture_request
from tests.host.inside import Waiting, another_checkpoint, borrowed, no_checkpoint


def another_vae(sd_model):
    from modules import sd_vae

    sd_vae.loaded_vae_file = sd_model.loaded_vae_file = "other.vae.pt"


def another_place(sd_model):
    sd_model.to("meta")


CHANGES = {
    another_checkpoint: "was changed to other.safetensors in the WebUI: put it back and resume",
    another_vae: "was given another VAE",
    no_checkpoint: "was unloaded",
    another_place: "moved to another device",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("when", ["at once", "while others are served", "during a preview", "in a pause"])
def test_a_changed_model_is_noticed(sd_model, host, change, when, monkeypatch):
    from modules import call_queue, processing

    with pytest.raises(BaseModelChanged, match=CHANGES[change]), borrowed(host) as model:
        if when == "during a preview":
            monkeypatch.setattr(processing, "process_images", lambda p: change(sd_model))
            next(iter(host.render(model, [picture_request()])))
        elif when == "in a pause":
            with model.set_aside() as look:
                change(sd_model)
                if change is not another_place:  # what --medvram does of itself
                    look()
                    raise AssertionError("it was not noticed")
        elif when == "at once":
            change(sd_model)
        else:
            Waiting(lambda: change(sd_model))
        model.between_steps(1, 9, nullcontext)
    assert call_queue.queue_lock.acquire(blocking=False)
