"""``<lora:@training:weight>`` on the stand-in of ``tests.fake_webui``: others' pictures between the steps of a run."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from lib_train.checkpoints.files import write_network
from lib_train.errors import FileError
from lib_train.texts import say
from tests.host.inputs import network_of
from tests.host.inside import Waiting, borrowed

PROMPT = "<lora:@training:0.8>a red circle"
TABLES = ("available_networks", "available_network_aliases", "available_network_hash_lookup")


class Training:
    """A network that another number of ``step`` makes another one."""

    def __init__(self, model, folder: Path) -> None:
        self.folder, self.step, self.writes = folder, 0, 0
        self.sample: Path | None = None
        self._tensors = network_of(model).tensors()

    @property
    def label(self) -> str:
        return f"mochi/v1 r001 step {self.step}"

    @property
    def about(self) -> str:
        return say("training now: step {step} of {steps}, epoch {epoch}", step=self.step, steps=9, epoch=1)

    def write(self, path: Path) -> None:
        self.writes += 1
        assert torch.is_grad_enabled()
        tensors = {name: t if name.endswith("alpha") else t * self.step / 5 for name, t in self._tensors.items()}
        write_network(path, tensors, {"ss_output_name": f"mochi-step{self.step}"}, "float")


@pytest.fixture
def tables(adapter, tmp_path):
    import networks
    from modules import shared

    shared.cmd_opts.lora_dir = str(tmp_path / "Lora")
    (tmp_path / "Lora").mkdir()
    return networks


def drawn(prompt=PROMPT):
    """What txt2img makes of a prompt, and its infotext."""
    from modules import processing, scripts

    p = processing.StableDiffusionProcessingTxt2Img(
        prompt=prompt, negative_prompt="", seed=5, sampler_name="Euler", steps=2, cfg_scale=5, width=64, height=64,
        batch_size=1, n_iter=1, do_not_save_samples=True, do_not_save_grid=True, do_not_reload_embeddings=True,
    )  # fmt: skip
    p.scripts = scripts.ScriptRunner()
    found = processing.process_images(p)
    return SimpleNamespace(pixels=found.images[0].tobytes(), text=found.infotexts[0], comments=p.comments)


@contextmanager
def offering(host, folder) -> Iterator[tuple]:
    with borrowed(host) as model:
        network = Training(model, folder)
        with model.offering(network) as name:
            assert name == "@training"
            yield model, network


def between(model, *prompts):
    """What somebody gets who waits at the end of a step."""
    found: list[SimpleNamespace] = []
    waiting = Waiting(lambda: found.extend(drawn(prompt) for prompt in prompts))
    assert model.between_steps(1, 9, nullcontext)
    assert waiting.served
    return found


def weights_of(sd_model):
    return {name: tensor.numpy().tobytes() for name, tensor in sd_model.state_dict().items()}


def as_listed(tables):
    return {name: dict(getattr(tables, name)) for name in TABLES}


def test_a_picture_is_that_of_the_file_saved_at_the_same_step(sd_model, host, tables, tmp_path):
    live = []
    with offering(host, tmp_path) as (model, network):
        before = weights_of(sd_model)
        for step in (0, 1, 2, 5):
            network.step = step
            network.write(tmp_path / "Lora" / f"saved{step}.safetensors")
            live += between(model, PROMPT)
    bare = drawn("a red circle").pixels
    assert weights_of(sd_model) == before
    for step, one in zip((0, 1, 2, 5), live, strict=True):
        assert one.pixels == drawn(f"<lora:saved{step}:0.8>a red circle").pixels, step
        assert (one.pixels == bare) == (step == 0)
        assert one.text.endswith(f", Train Tools: mochi/v1 r001 step {step}")


def test_its_file_is_written_only_for_who_asks_and_only_after_a_step(sd_model, host, tables, tmp_path):
    with offering(host, tmp_path) as (model, network):
        between(model, "a red circle")
        (empty,) = tmp_path.rglob("*@training*")  # which a card tells the size of
        assert (network.writes, load_file(empty)) == (0, {})
        assert tables.available_networks["@training"].filename == str(empty)
        between(model, PROMPT, PROMPT)
        between(model, PROMPT)
        assert network.writes == 1
        network.step = 1
        between(model, "a red circle", PROMPT)
        assert network.writes == 2
        assert len(list(tmp_path.rglob("*@training*"))) == 1


def test_two_pictures_of_one_person_with_steps_in_between_are_encoded_anew(sd_model, host, tables, tmp_path):
    """Whoever keeps a request, and with it the WebUI's cache of prompts, over two turns in the queue."""
    from modules import processing, scripts

    def again():
        p.extra_generation_params.clear()
        return processing.process_images(p).images[0].tobytes()

    p = processing.StableDiffusionProcessingTxt2Img(
        prompt=PROMPT, negative_prompt="", seed=5, sampler_name="Euler", steps=2, cfg_scale=5, width=64, height=64,
        batch_size=1, n_iter=1, do_not_save_samples=True, do_not_save_grid=True, do_not_reload_embeddings=True,
    )  # fmt: skip
    p.scripts = scripts.ScriptRunner()
    p.cached_c, p.cached_uc = [None, None], [None, None]  # type: ignore[misc]
    with offering(host, tmp_path) as (model, network):
        found: list[bytes] = []
        for step in (1, 5):
            network.step = step
            waiting = Waiting(lambda: found.append(again()))
            assert model.between_steps(step, 9, nullcontext)
            assert waiting.served
        assert found[1] == between(model, PROMPT)[0].pixels
    assert found[0] != found[1]


def test_it_stays_in_the_lists_when_the_webui_lists_its_files_anew(sd_model, host, tables, tmp_path):
    with offering(host, tmp_path) as (model, network):
        network.step = 5
        first = between(model, PROMPT)[0]
        tables.list_available_networks()
        assert "@training" in tables.available_networks
        assert between(model, "<lora:nowhere:1>" + PROMPT)[0].pixels == first.pixels  # lists them, too
    tables.list_available_networks()
    assert "@training" not in tables.available_networks


@pytest.mark.parametrize("ending", ["finished", "failed"])
def test_nothing_is_left_when_the_run_is_over(sd_model, host, tables, tmp_path, ending):
    import ui_extra_networks_lora  # type: ignore[import-not-found]
    from modules import shared

    shared.opts.data["lora_in_memory_limit"] = 4
    patched = [(tables, "list_available_networks"), (type(tables.extra_network_lora), "activate"),
               (ui_extra_networks_lora.ExtraNetworksPageLora, "create_item")]  # fmt: skip
    functions = [getattr(owner, name) for owner, name in patched]
    before, listed = weights_of(sd_model), as_listed(tables)
    with pytest.raises(ZeroDivisionError) if ending == "failed" else nullcontext():
        with offering(host, tmp_path / "Lora") as (model, network):
            network.step = 5
            assert between(model, PROMPT)[0].pixels != drawn("a red circle").pixels
            if ending == "failed":
                raise ZeroDivisionError
    assert [getattr(owner, name) for owner, name in patched] == functions
    assert as_listed(tables) == listed
    assert "@training" not in tables.networks_in_memory
    assert not [one for one in tables.loaded_networks if one.name == "@training"]
    assert not list((tmp_path / "Lora").iterdir())
    assert weights_of(sd_model) == before
    after = drawn()
    assert after.pixels == drawn("a red circle").pixels
    assert after.comments == ["Lora not found: @training"]
    assert "Train Tools" not in after.text


def test_a_file_of_that_name_is_a_person_s_own_again_afterwards(sd_model, host, tables, tmp_path):
    with borrowed(host) as model:
        write_network(tmp_path / "Lora" / "@training.safetensors", network_of(model).tensors(), {}, "float")
    tables.list_available_networks()
    own, listed = drawn().pixels, as_listed(tables)
    with offering(host, tmp_path) as (model, network):
        network.step = 1
        assert between(model, PROMPT)[0].pixels != own
    assert as_listed(tables) == listed
    assert drawn().pixels == own


def test_what_others_put_around_our_functions_stays_and_does_without_us(sd_model, host, tables, tmp_path, monkeypatch):
    with offering(host, tmp_path):
        ours = tables.list_available_networks
        around = lambda: ours()  # noqa: E731
        monkeypatch.setattr(tables, "list_available_networks", around)
    assert tables.list_available_networks is around
    tables.list_available_networks()
    assert "@training" not in tables.available_networks


def test_a_picture_is_made_without_it_and_says_why_where_it_cannot_be_written(sd_model, host, tables, tmp_path):
    with offering(host, tmp_path) as (model, network):
        network.step = 1
        worn = between(model, PROMPT)[0]
        network.step = 2
        network.write = refused
        found = between(model, PROMPT)[0]
        assert found.pixels == between(model, "a red circle")[0].pixels != worn.pixels
        assert found.comments == [
            "@training: cannot be put on now (the disk is full); save a checkpoint and take that",
            "Lora not found: @training",
        ]
        assert "Train Tools" not in found.text
        assert "@training" in tables.available_networks


def refused(path):
    raise FileError("the disk is full")


def test_its_card_tells_how_far_it_is_and_shows_its_newest_sample(any_model, host, tables, tmp_path):
    import ui_extra_networks_lora

    page = ui_extra_networks_lora.ExtraNetworksPageLora()
    with offering(host, tmp_path) as (model, network):
        card = page.create_item("@training")
        assert (card["description"], card["preview"]) == ("training now: step 0 of 9, epoch 1", None)
        assert card["sd_version"] == model.family.upper()
        network.step, network.sample = 5, tmp_path / "sample.png"
        assert page.create_item("@training", 0, enable_filter=False)["preview"] is None  # deleted since
        Image.new("RGB", (800, 400), "red").save(network.sample)
        card = page.create_item("@training")
        assert card["description"] == "training now: step 5 of 9, epoch 1"
        assert card["preview"].startswith("data:image/jpeg;base64,")
        assert len(card["preview"]) < 20_000
        between(model, PROMPT)
        assert page.create_item("@training")["metadata"]["ss_output_name"] == "mochi-step5"
        entry = tables.available_networks["@training"]
        assert (entry.name, entry.alias, len(entry.shorthash)) == ("@training", "@training", 12)
    assert page.create_item("@training") is None


def test_its_card_and_its_comments_are_in_the_webui_s_language(sd_model, host, tables, tmp_path, monkeypatch):
    import ui_extra_networks_lora
    from modules import shared

    with offering(host, tmp_path) as (model, network):
        network.step, network.write, page = 2, refused, ui_extra_networks_lora.ExtraNetworksPageLora()
        for chosen, about in (("zh_CN", "正在训练：第 2 / 9 步，第 1 轮"), ("", "training now: step 2 of 9, epoch 1")):
            monkeypatch.setattr(shared.opts, "localization", chosen, raising=False)
            assert page.create_item("@training")["description"] == about
            assert ("cannot be put on now" in between(model, PROMPT)[0].comments[0]) != bool(chosen)


def test_it_can_be_chosen_for_every_prompt_in_the_webui_s_settings(sd_model, host, tables, tmp_path, monkeypatch):
    from modules import shared

    with offering(host, tmp_path) as (model, network):
        monkeypatch.setattr(shared.opts, "sd_lora", "@training", raising=False)
        network.step = 3
        assert "Train Tools: mochi/v1 r001 step 3" in between(model, "a red circle")[0].text


def test_it_is_there_while_the_run_is_paused_and_while_it_draws(sd_model, host, tables, tmp_path):
    from modules import call_queue

    from tests.host.inputs import picture_request

    with offering(host, tmp_path) as (model, network):
        network.step = 5
        stepping = between(model, PROMPT)[0].pixels
        with model.set_aside() as look:
            with call_queue.queue_lock:
                assert drawn().pixels == stepping
            look()
        found = []
        waiting = Waiting(lambda: found.append(drawn()))
        list(host.render(model, [picture_request()]))
        assert waiting.served
        assert found[0].pixels == stepping


def test_without_the_lora_extension_nothing_is_offered(sd_model, host, tmp_path, monkeypatch):
    import networks

    monkeypatch.setattr(networks, "extra_network_lora", None)
    with borrowed(host) as model, model.offering(Training(model, tmp_path)) as name:
        assert name == ""
