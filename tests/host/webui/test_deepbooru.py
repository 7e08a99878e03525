"""The WebUI's DeepBooru through the adapter, on the stand-in."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from lib_train.errors import ModelFileError
from tests.host.inside import Waiting


@pytest.fixture
def file(adapter, tmp_path):
    from modules import deepbooru, paths

    paths.models_path = str(tmp_path)
    return deepbooru.write_tiny(tmp_path)


def pictures(count=2):
    return [Image.new("RGB", (40 + place, 30), (0, 0, 255 - place)) for place in range(count)]


def test_missing_file_is_named_with_its_place_and_nothing_is_downloaded(host, file):
    from modules import deepbooru

    file.unlink()
    (tagger, _) = host.taggers()
    assert tagger.missing.startswith("model-resnet_custom_v3.pt is missing: get https://github.com/AUTOMATIC1111/")
    assert tagger.missing.endswith(f"and put it into {file.parent}")
    with pytest.raises(ModelFileError, match="is missing: get"):
        host.tag("deepbooru", pictures())
    assert deepbooru.model.model is None


def test_scores_are_those_that_the_webui_chooses_its_tags_from(host, file):
    from modules import deepbooru, images

    (found,) = host.tag("deepbooru", pictures(1))
    model = deepbooru.DeepDanbooruModel()
    model.load_state_dict(torch.load(file, weights_only=True))
    fitted = images.resize_image(2, pictures(1)[0], 512, 512, "None")
    pixels = torch.tensor(list(fitted.getdata()), dtype=torch.float32).reshape(1, 512, 512, 3) / 255
    assert list(found.scores) == ["1girl", "blue_hair", "^_^", "rating:safe", "solo"]
    assert list(found.scores.values()) == pytest.approx(model(pixels)[0].tolist(), abs=1e-6)


def test_tagger_that_was_not_loaded_is_not_afterwards_and_progress_ends(host, file):
    from modules import call_queue, deepbooru, shared

    for _ in host.tag("deepbooru", pictures()):
        assert shared.state.job == "train-tools"
        assert not call_queue.queue_lock.acquire(blocking=False)
    assert (deepbooru.model.model, shared.state.job) == (None, "")
    assert call_queue.queue_lock.acquire(blocking=False)
    call_queue.queue_lock.release()


def test_tagger_that_was_loaded_is_the_same_afterwards(host, file):
    from modules import deepbooru

    deepbooru.model.load()
    before = deepbooru.model.model
    list(host.tag("deepbooru", pictures()))
    assert deepbooru.model.model is before


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_damaged_file_is_named_and_leaves_no_blank_tagger_behind(host, file, content):
    from modules import deepbooru

    file.write_bytes(content)
    for _ in range(2):  # the WebUI would take what the first failure left for a loaded one
        with pytest.raises(ModelFileError, match=f"{file.parent}: the WebUI's DeepBooru cannot be loaded from it"):
            list(host.tag("deepbooru", pictures()))
        assert deepbooru.model.model is None


def test_blank_tagger_that_the_webui_left_itself_is_not_used(host, file):
    from modules import deepbooru

    deepbooru.model.model = deepbooru.DeepDanbooruModel()  # as after a load that failed in its own tab
    (found,) = host.tag("deepbooru", pictures(1))
    assert len(found.scores) == 5


def test_whoever_waits_is_served_between_two_pictures(host, file):
    from modules import shared

    tagging = host.tag("deepbooru", pictures(3))
    next(tagging)
    waiting = Waiting(lambda: seen.append(shared.state.job))
    seen: list[str] = []
    next(tagging)
    assert (waiting.served, seen, shared.state.job) == (True, [""], "train-tools")
    tagging.close()


def test_interrupt_ends_it_early(host, file):
    from modules import shared

    tagging = host.tag("deepbooru", pictures(3))
    next(tagging)
    shared.state.interrupted = True
    assert list(tagging) == []
    assert not Path(shared.state.job).name
