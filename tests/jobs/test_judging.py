"""Checkpoints are measured one after the other; what is known is not measured again, and the host is as it was."""

import shutil
from dataclasses import replace
from threading import Event

import pytest
import torch
from PIL import Image

from lib_train.app.judged import answer, prepared
from lib_train.errors import DatasetError, FileError, ProjectError
from lib_train.host.protocol import BaseModelRef
from lib_train.jobs import judging as judging_module
from lib_train.jobs.judged_pictures import caption_of, judging_of
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.scan import scan
from lib_train.store.figures import FIGURES, judged_in
from tests.fakes import FakeHost, Notes


@pytest.fixture
def config(config):
    """With checkpoints of steps 2 and 4 alone."""
    return replace(config, training=replace(config.training, save_every_n_epochs=None))


@pytest.fixture
def trained(service, config):
    """A version with the checkpoints of steps 2 and 4."""
    service.train("p", "v1", config)
    return service.version("p", "v1")


def measure(host, version, stop=None, listener=None, run=""):
    return prepared(host, version, run, scan).carry_out(host, listener or Notes(), stop or Event())


def test_every_checkpoint_gets_figures_and_what_is_known_is_not_measured_again(host, trained, monkeypatch):
    notes = Notes()
    assert measure(host, trained, listener=notes) == 2
    found = judged_in(trained)
    assert [one["step"] for one in answer(trained)["checkpoints"]] == [2, 4]
    assert {"gain", "gap", "leak", "obedience", "size", "variety"} <= next(iter(found.values())).figures.keys()
    assert all(len(bands) == 5 for bands in next(iter(found.values())).bands.values())
    done, total = [one[1:] for one in notes.works if one[0] == "figures"][-1]
    assert done == total
    monkeypatch.setattr(FakeHost, "borrow", None)
    assert measure(host, trained) == 0
    assert judged_in(trained) == found


def test_the_same_numbers_come_twice_bit_for_bit(host, trained):
    measure(host, trained)
    first = {name: (one.figures, one.bands, one.blocks) for name, one in judged_in(trained).items()}
    trained.inside(FIGURES).unlink()
    shutil.rmtree(trained.inside("cache"))
    measure(host, trained)
    assert {name: (one.figures, one.bands, one.blocks) for name, one in judged_in(trained).items()} == first


def test_another_caption_or_other_weights_are_measured_anew(host, trained, pictures):
    measure(host, trained)
    one = sorted(trained.checkpoints())[0]
    other = sorted(trained.checkpoints())[1]
    shutil.copyfile(other, one)
    assert prepared(host, trained, "", scan).due() == [one]
    caption = next(iter(sorted(pictures.rglob("*.txt"))))
    caption.write_text("mochi, something else")
    assert len(prepared(host, trained, "", scan).due()) == 2


def test_one_that_is_stopped_keeps_what_it_has_and_goes_on_with_the_rest(host, trained):
    stop = Event()
    seen = []

    def look(done, total):
        seen.append(done)
        return total < 20 or done < 2 * total // 3 + 2  # in the midst of the second checkpoint

    host.between_steps = look
    assert measure(host, trained, stop) == 1
    assert stop.is_set()
    assert answer(trained)["state"] == "part"
    first = judged_in(trained)
    host.between_steps = lambda done, total: True
    assert measure(host, trained) == 1
    assert answer(trained)["state"] == "done"
    assert first.items() <= judged_in(trained).items()


def test_the_model_is_as_it_was_and_carries_no_network_while_others_are_served(host, trained, monkeypatch):
    models, paused = [], []
    borrow = FakeHost.borrow

    def watched(own, ref):
        context = borrow(own, ref)

        class Watching:
            def __enter__(self):
                model = context.__enter__()
                models.append((model, [one.clone() for one in model.unet.state_dict().values()]))

                def between(done, total, pause):
                    with pause():
                        paused.append(any("forward" in module.__dict__ for module in model.unet.modules()))
                    return True

                monkeypatch.setattr(model, "between_steps", between)
                return model

            def __exit__(self, *error):
                return context.__exit__(*error)

        return Watching()

    monkeypatch.setattr(FakeHost, "borrow", watched)
    assert measure(host, trained) == 2
    ((model, before),) = models
    assert paused
    assert not any(paused)
    assert all(torch.equal(one, other) for one, other in zip(before, model.unet.state_dict().values(), strict=True))
    assert not any("forward" in module.__dict__ for module in model.unet.modules())


def test_previews_are_compared_with_training_pictures_and_a_copy_is_named(host, trained, pictures):
    folder = trained.part("previews", sorted(trained.checkpoints())[0].stem)
    picture = sorted(pictures.rglob("*.png"))[0]
    with Image.open(picture) as opened:
        opened.convert("RGB").resize((64, 64)).save(folder / "x-p1-s1-w1.png")
    Image.new("RGB", (64, 64), "white").save(folder / "x-p1-s2-w0.png")
    (folder / "torn-p1-s3-w1.png").write_bytes(b"no picture")
    measure(host, trained)
    judged = judged_in(trained)[f"{folder.name}.safetensors"]
    (copy,) = judged.copies
    assert (copy["preview"], copy["picture"]) == ("x-p1-s1-w1.png", f"{picture.parent.name}/{picture.name}")
    assert copy["share"] < 0.5
    assert judged.figures["copies"] == 1
    (folder / "x-p1-s1-w1.png").unlink()
    (folder / "torn-p1-s3-w1.png").unlink()
    assert len(prepared(host, trained, "", scan).due()) == 1


def test_background_networks_are_on_in_both_measurements(host, service, config, tmp_path):
    service.train("p", "v1", config)
    below = sorted(service.version("p", "v1").checkpoints())[1]
    network = replace(config.network, base_weights=(str(below),), base_weights_multiplier=(0.5,))
    service.train("q", "v1", replace(config, network=network))
    assert measure(host, service.version("q", "v1")) == 2


def test_no_run_no_checkpoints_and_no_pictures_are_told_in_words(host, service, config, tmp_path, pictures):
    with pytest.raises(FileError, match="no checkpoints yet"):
        measure(host, service.version("p", "v1"))
    service.train("p", "v1", config)
    there = service.version("p", "v1")
    with pytest.raises(ProjectError, match="r009"):
        measure(host, there, run="r009")
    shutil.move(pictures, tmp_path / "away")
    with pytest.raises(DatasetError, match="no training pictures to judge by"):
        measure(host, there)
    for path in there.checkpoints():
        path.unlink()
    with pytest.raises(FileError, match="r001: has no checkpoints"):
        measure(host, there, run="r001")


def test_at_most_16_pictures_are_chosen_by_the_seed_and_held_out_ones_stand_for_unseen(config, tmp_path, service):
    version = service.version("p", "v1")
    found = []
    for index in range(30):
        path = tmp_path / f"{index}.png"
        Image.new("RGB", (64, 64), (index, 0, 0)).save(path)
        found.append(Picture(path=path, caption=f"mochi, {index}", width=64, height=64, repeats=1, folder="1_x"))
    ref = BaseModelRef("A", tmp_path / "A.safetensors")
    of = judging_of(config, ref, Scan(pictures=tuple(found), problems=()), version, drawn=False)
    assert len(of.pictures) == 16
    assert of.mirrored
    again = judging_of(config, ref, Scan(pictures=tuple(found), problems=()), version, drawn=False)
    assert (again.pictures, again.mark) == (of.pictures, of.mark)
    held = judging_of(config, ref, Scan(pictures=tuple(found[:20]), problems=(), held_out=tuple(found[20:])), version,
                      drawn=False)  # fmt: skip
    assert not held.mirrored
    assert held.mark != of.mark
    assert caption_of(found[3], config.dataset) == "mochi, 3"


def test_predictions_that_are_nan_are_told_with_the_name_of_the_file(host, trained, monkeypatch):
    monkeypatch.setattr(judging_module, "finite", lambda answers: False)
    with pytest.raises(Exception, match="predictions with it are NaN or infinite"):
        measure(host, trained)
