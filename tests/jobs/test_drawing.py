import threading
from dataclasses import replace
from itertools import islice

import pytest
import torch

from lib_train.checkpoints.files import read_network, write_network
from lib_train.checkpoints.opened import read_header
from lib_train.config.preview import PreviewConfig
from lib_train.jobs.drawing import draw
from lib_train.jobs.undrawn import undrawn
from lib_train.previews.grid import text_of
from lib_train.previews.told import told_by
from tests.fake_model import WIDTH, FakeModel
from tests.fakes import Notes
from tests.host.inputs import network_of

PREVIEW = PreviewConfig(
    preview_prompts=("a", "b"), preview_seeds=(1, 7), preview_weights=(0, 1), preview_steps=(1,),
    preview_sampler=("Euler a",),
)  # fmt: skip


class Drawing:
    """Previews of one checkpoint: two prompts, each a sheet of two seeds at weight 0 and 1."""

    def __init__(self, host, version, file, config):
        self.host, self.version, self.file, self.config = host, version, file, config

    def sheets(self, stop=None, listener=None):
        stop, listener = stop or threading.Event(), listener or Notes()
        with self.host.borrow(self.host.find("")) as model:
            return list(draw(self.host, model, listener, self.version, [self.file], self.config, stop))

    def left(self):
        return undrawn(self.host, self.version, [self.file], self.config)

    def pictures(self):
        return sorted(path.name for path in (self.version.folder / "previews").glob("*/*.png"))


@pytest.fixture
def drawing(service, host, config, tmp_path):
    file = tmp_path / "mochi.safetensors"
    write_network(file, network_of(FakeModel()).tensors(), {}, "float")
    return Drawing(host, service.version("p", "v1"), file, replace(config, preview=PREVIEW))


def test_pictures_are_counted_drawn_and_laid_out_one_sheet_a_prompt(drawing):
    listener = Notes()
    assert drawing.left() == (8, 8)
    sheets = drawing.sheets(listener=listener)
    assert sorted(sheets) == sorted((drawing.version.folder / "previews").glob("grid-*.png"))
    assert len(sheets) == 2
    assert drawing.left() == (0, 8)
    assert listener.works == [("previews", done, 8) for done in range(1, 9)]
    assert len(listener.paths) == 8 + 2
    assert "mochi-p2-s7-w1.png" in drawing.pictures()
    assert "base-p1-s1-w0.png" in drawing.pictures()


def test_pictures_of_an_earlier_time_are_kept_beside_the_new_ones(drawing):
    drawing.sheets()
    drawing.sheets()
    assert len(drawing.pictures()) == 16
    assert {"base-p1-s1-w0.png", "base-p1-s1-w0-2.png"} <= set(drawing.pictures())
    assert drawing.left() == (0, 8)


def test_stop_ends_after_the_picture_in_hand_without_a_sheet(drawing):
    stop = threading.Event()
    stop.set()
    assert drawing.sheets(stop) == []
    assert (len(drawing.pictures()), drawing.left()) == (1, (7, 8))


def test_host_that_gives_fewer_pictures_stops_the_rest_and_keeps_the_sheets_before(drawing, host, monkeypatch):
    render, stop = host.render, threading.Event()
    counts = iter((4, 1))
    monkeypatch.setattr(host, "render", lambda model, wanted: islice(render(model, wanted), next(counts)))
    assert len(drawing.sheets(stop)) == 1
    assert stop.is_set()
    assert drawing.left() == (3, 8)


def test_weights_of_blocks_are_drawn_as_the_file_that_they_would_make(drawing):
    preview = replace(PREVIEW, preview_prompts=("a",), preview_seeds=(1,), preview_block_weights=("ALL", "NONE", "0.5"))
    drawing.config = replace(drawing.config, preview=preview)
    assert drawing.left() == (4, 4)
    (sheet,) = drawing.sheets()
    assert drawing.left() == (0, 4)
    names = drawing.pictures()
    assert [name for name in names if name.startswith("mochi")] == [
        "mochi-p1-s1-w1-b0.5.png", "mochi-p1-s1-w1-bALL.png", "mochi-p1-s1-w1-bNONE.png",
    ]  # fmt: skip
    assert [one.name for one in (drawing.version.folder / "cache").iterdir()] == ["picture_pace.json"]
    folder = drawing.version.folder / "previews" / "mochi"
    halves = ",".join(["0.5"] * 26)  # lora-block-weight passes over one number without a word
    assert f"<lora:mochi:1:lbw={halves}>" in text_of(folder / "mochi-p1-s1-w1-b0.5.png")


@pytest.mark.parametrize("seeds", [(1,), (-1,)], ids=["seed of the settings", "seed by chance"])
def test_pictures_of_other_weights_and_blocks_are_not_taken_for_those_that_are_missing(drawing, seeds):
    plain = replace(PREVIEW, preview_prompts=("a",), preview_seeds=seeds)
    folder = drawing.version.folder / "previews" / "mochi"
    folder.mkdir(parents=True)
    for name in ("w1-bALL", "w1-b0.5", "w1.5", "w1-bALL-2", "w12", "w1-b2"):
        (folder / f"mochi-p1-s1-{name}.png").write_bytes(b"")
    drawing.config = replace(drawing.config, preview=plain)
    assert drawing.left() == (2, 2)
    (folder / "mochi-p1-s1-w1-2.png").write_bytes(b"")  # its own, of a second time
    assert drawing.left() == (1, 2)
    blocks = replace(plain, preview_block_weights=("ALL", "NONE", "0.5"))
    drawing.config = replace(drawing.config, preview=blocks)
    assert drawing.left() == (2, 4)  # the base model's, and NONE


def test_one_number_is_told_as_weight_where_a_layer_is_in_no_block(drawing):
    """lora-block-weight leaves such a layer at 1, whatever its list says."""
    tensors, metadata = read_network(drawing.file)
    end = {"lora_down.weight": torch.ones(2, WIDTH, 3, 3), "lora_up.weight": torch.ones(4, 2, 1, 1)}
    behind = {f"lora_unet_conv_out.{part}": tensor for part, tensor in end.items()}
    write_network(drawing.file, tensors | behind, metadata, "float", replace=True)
    lists = ("0.5", ",".join(["0.25"] * 26))
    preview = replace(PREVIEW, preview_prompts=("a",), preview_seeds=(1,), preview_block_weights=lists,
                      preview_weights=(0.5,))  # fmt: skip
    drawing.config = replace(drawing.config, preview=preview)
    drawing.sheets()
    folder = drawing.version.folder / "previews" / "mochi"
    assert "<lora:mochi:0.25>" in text_of(folder / "mochi-p1-s1-w0.5-b0.5.png")
    assert f"<lora:mochi:0.5:lbw={lists[1]}>" in text_of(folder / "mochi-p1-s1-w0.5-blist2.png")


def test_presets_that_people_of_the_host_keep_are_drawn_and_told_as_lists(drawing, host, monkeypatch, tmp_path):
    mine, numbers = tmp_path / "lbwpresets.txt", ",".join(["1", *["0.25"] * 25])
    mine.write_text(f"MINE:{numbers}")
    monkeypatch.setattr(host, "block_presets", lambda: mine)
    preview = replace(PREVIEW, preview_prompts=("a",), preview_seeds=(1,), preview_block_weights=("MINE",))
    drawing.config = replace(drawing.config, preview=preview)
    drawing.sheets()
    text = text_of(drawing.version.folder / "previews" / "mochi" / "mochi-p1-s1-w1-bMINE.png")
    assert f"<lora:mochi:1:lbw={numbers}>" in text


def test_hash_beside_weights_of_blocks_is_that_of_the_checkpoint_and_not_of_a_file_that_goes(
    drawing, host, monkeypatch
):
    preview = replace(PREVIEW, preview_prompts=("a",), preview_seeds=(1,), preview_block_weights=("0.5",))
    drawing.config = replace(drawing.config, preview=preview)
    render = host.render

    def with_hashes(model, wanted):
        for request, (picture, text) in zip(wanted, render(model, wanted), strict=True):
            hashes = (
                f'Lora hashes: "{request.network.stem}: 0123456789ab, other: 0123456789ab"' if request.network else ""
            )
            yield picture, {"parameters": f"{text['parameters']}, {hashes}"}

    monkeypatch.setattr(host, "render", with_hashes)
    drawing.sheets()
    own = read_header(drawing.file)[0]["sshs_model_hash"][:12]
    text = text_of(drawing.version.folder / "previews" / "mochi" / "mochi-p1-s1-w1-b0.5.png")
    assert f'Lora hashes: "mochi: {own}, other: 0123456789ab"' in text


def test_each_picture_tells_its_request_and_its_checkpoint(drawing):
    preview = replace(PREVIEW, preview_prompts=("a",), preview_seeds=(7,), preview_block_weights=("0.5",))
    drawing.config = replace(drawing.config, preview=preview)
    drawing.sheets()
    folder = drawing.version.folder / "previews"
    drawn, base = told_by(folder / "mochi" / "mochi-p1-s7-w1-b0.5.png"), told_by(folder / "base" / "base-p1-s7-w0.png")
    assert drawn is not None
    assert base is not None
    assert (drawn.checkpoint, drawn.weight, drawn.blocks) == ("mochi", 1.0, "0.5")
    assert (base.checkpoint, base.weight, base.blocks) == ("", 0.0, "")
    assert (base.column, base.shared["seed"], base.shared["prompt"]) == (drawn.column, 7, "a")
