"""ONNX files of a few numbers, written by the tests: the mean of each colour, weighed for each tag."""

import json
import sys

import numpy
import pytest
from PIL import Image

from lib_train.errors import MissingPackage, ModelFileError
from lib_train.tagging.found import recognised
from lib_train.tagging.preprocess import for_cl, for_joytag, for_wd
from tests.tiny_taggers import WD_TAGS, tiny_onnx, write_selected_tags

WEIGHTS = [[0.01 * (tag + 1), -0.02 * tag, 0.005] for tag in range(len(WD_TAGS))]
"""For each tag, of blue, green and red or the other way round."""


def pictures():
    noise = numpy.random.default_rng(1).integers(0, 256, (8, 8, 3), dtype=numpy.uint8)
    return [Image.new("RGB", (9, 4), (10, 20, 30)), Image.fromarray(noise), Image.new("RGB", (3, 8))]


def wd(folder, batch=None):
    path = tiny_onnx(folder / "model.onnx", WEIGHTS, last=True, batch=batch, sigmoid=True)
    write_selected_tags(folder)
    return path


def cl(folder):
    path = tiny_onnx(folder / "model.onnx", WEIGHTS, last=False, batch=None, sigmoid=False)
    names = {str(place): {"tag": tag, "category": "General"} for place, (tag, _) in enumerate(WD_TAGS)}
    (folder / "tag_mapping.json").write_text(json.dumps(names))
    return path


def joytag(folder):
    path = tiny_onnx(folder / "model.onnx", WEIGHTS, last=False, batch=None, sigmoid=False)
    (folder / "top_tags.txt").write_text("\n".join(tag for tag, _ in WD_TAGS))
    return path


@pytest.mark.parametrize(("make", "kind", "prepare", "axes"), [
    (wd, "wd", for_wd, (1, 2)), (cl, "cl", for_cl, (2, 3)), (joytag, "joytag", for_joytag, (2, 3)),
])  # fmt: skip
def test_scores_are_what_the_file_computes(tmp_path, make, kind, prepare, axes):
    found = recognised(make(tmp_path))
    assert found.kind == kind
    tagger = found.opened("cpu")
    logits = prepare(pictures(), 8).astype(float).mean(axes) @ numpy.array(WEIGHTS).T
    scores = tagger.scores(pictures())
    assert scores.dtype == numpy.float32
    assert scores == pytest.approx(1 / (1 + numpy.exp(-logits)), abs=1e-5)
    assert [label.name for label in tagger.labels] == [tag for tag, _ in WD_TAGS]
    assert tagger.usual_threshold == (0.4 if kind == "joytag" else 0.35)


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_file_of_a_fixed_batch_gives_the_same_scores(tmp_path, batch):
    free, fixed = (recognised(wd(tmp_path / str(size), size)).opened("cpu") for size in (None, batch))
    assert fixed.batch_size == batch
    assert fixed.scores(pictures()) == pytest.approx(free.scores(pictures()), abs=1e-6)
    assert numpy.array_equal(fixed.scores(pictures()[:1]), fixed.scores(pictures())[:1])


def test_missing_onnxruntime_is_named_with_the_versions_that_fit(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPackage) as error:
        recognised(wd(tmp_path)).opened("cpu")
    assert str(error.value).endswith('is not installed: pip install "onnxruntime>=1.17,<1.27"')


def test_damaged_file_is_named(tmp_path):
    path = wd(tmp_path)
    for content in (b"", b"no onnx", path.read_bytes()[:40]):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=r"model\.onnx: onnxruntime .* cannot read it") as error:
            recognised(path).opened("cpu")
        assert "\n" not in str(error.value)


def test_file_of_another_kind_is_named(tmp_path):
    path = joytag(tmp_path)
    write_selected_tags(tmp_path)
    with pytest.raises(ModelFileError, match="more than one list of tags lies beside it"):
        recognised(path)
    with pytest.raises(ModelFileError, match="which no wd tagger does; choose its kind"):
        recognised(path, "wd").opened("cpu")
    assert recognised(path, "joytag").opened("cpu").scores(pictures()).shape == (3, 6)


def test_list_of_another_model_is_refused(tmp_path):
    path = wd(tmp_path)
    write_selected_tags(tmp_path, WD_TAGS[:2])
    with pytest.raises(ModelFileError, match="holds 2 tags, and the model beside it knows 6"):
        recognised(path).opened("cpu")
