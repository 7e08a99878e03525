"""The adapter inside the WebUI, on the stand-in of ``tests.fake_webui``: what the contract cannot ask of every host."""

import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from lib_train.checkpoints.files import write_network
from lib_train.errors import BaseModelChanged, ConfigError, HostBusyError, HostModelError, ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.listener import Nobody
from lib_train.jobs.running import Loop
from lib_train.jobs.wishes import Wishes
from lib_train.networks import lora
from lib_train.training.events import StepDone
from tests.fakes import fake_assembly
from tests.host.inside import borrowed, load
from tests.host.test_contract import asked, network_of, noisy, sizes
from tests.tiny import write_file

CAPTIONS = ["a red circle, mochi, " * 12, "mochi"]


def state_of(sd_model):
    """All that a module holds: its attributes and hooks as objects, its weights' identity, bytes and flags."""
    found = {}
    for name, module in sd_model.named_modules():
        for key, value in vars(module).items():
            if key not in ("_parameters", "_buffers", "_modules"):
                found[name, key] = list(value.items()) if isinstance(value, dict) else value
    for name, tensor in [*sd_model.named_parameters(), *sd_model.named_buffers()]:
        grad = tensor.grad is not None
        held = tensor.detach().reshape(-1).view(torch.uint8).numpy().tobytes()
        found[name] = id(tensor), tensor.dtype, tensor.requires_grad, grad, held
    return found


def require_same(before, sd_model):
    after = state_of(sd_model)
    assert before.keys() == after.keys()
    changed = [key for key, value in before.items() if not (value is after[key] or value == after[key])]
    assert not changed


def used(sd_model):
    """The host after a person has worked with it: everything on that training must lift."""
    from modules import lowvram, sd_hijack, shared

    shared.loaded_hypernetworks.append("a hypernetwork")
    shared.opts.data["cross_attention_optimization"] = "xformers"
    sd_hijack.model_hijack.apply_optimizations()
    sd_model.model.diffusion_model.train()
    tiled = sd_model.model.diffusion_model.middle_block[1]
    setattr(tiled, "__webui_hypertile_params", SimpleNamespace(enabled=True))
    lowvram.setup_for_low_vram(sd_model)
    sd_model.first_stage_model.register_forward_pre_hook(lambda module, inputs: None)
    return tiled


def require_used(tiled):
    from modules import sd_hijack, sd_unet, shared

    assert shared.loaded_hypernetworks == ["a hypernetwork"]
    assert sd_hijack.current_optimizer.name == "xformers"
    assert sd_unet.current_unet_option == "chosen"
    assert shared.parallel_processing_allowed
    assert vars(tiled)["__webui_hypertile_params"].enabled
    assert (shared.state.job, shared.state.job_count) == ("", 0)


def test_same_checkpoint_says_the_same_as_in_the_standalone_host(any_model, host, checkpoints):
    alone = StandaloneHost(device="cpu")
    from modules import sd_hijack

    sd_hijack.model_hijack.fixes = "left behind by a prompt"
    pixels = noisy(2, side=64)[:, :3].clamp(-1, 1)
    with borrowed(host) as ours, alone.borrow(alone.find(str(checkpoints[ours.family]))) as theirs, torch.no_grad():
        for skip in (1, 2):
            one, other = (model.encode_captions(CAPTIONS, skip, 150) for model in (ours, theirs))
            assert torch.allclose(one.context, other.context, atol=1e-5)
        assert one.pooled is other.pooled is None or torch.allclose(one.pooled, other.pooled, atol=1e-5)  # type: ignore[arg-type]
        asks = noisy(2, side=16), torch.tensor([3, 900]), one, torch.tensor([[640.0, 512, 0, 64, 512, 448]] * 2)
        assert torch.allclose(ours.predict(*asks), theirs.predict(*asks), atol=1e-4)
        for mine, yours in zip(ours.encode_images(pixels), theirs.encode_images(pixels), strict=True):
            assert torch.allclose(mine, yours, atol=1e-5)
        assert ours.prediction_type == theirs.prediction_type
        assert torch.equal(ours.alphas_cumprod, theirs.alphas_cumprod)
    here, there = host.size_of(host.find("")), alone.size_of(alone.find(str(checkpoints[ours.family])))
    assert here._replace(weights={}) == there._replace(weights={})
    # in the WebUI SD2's text encoder has a last layer, which nothing reads
    parts = ("unet", "vae") if ours.family == "sd2" else ("unet", "text_encoder", "vae")
    assert [here.weights[part] for part in parts] == [there.weights[part] for part in parts]


def test_size_of_a_narrow_model_is_what_its_description_says(any_model, host):
    usual = host.size_of(host.find("")).side
    any_model.image_size = 16  # ldm's class of models keeps it, sgm's does not
    assert host.size_of(host.find("")).side == 128
    any_model.image_size = None
    assert host.size_of(host.find("")).side == usual == {"sd1": 512, "sd2": 768, "sdxl": 1024}[any_model.family]


def test_v_and_zero_terminal_snr_are_read_from_the_file_as_in_the_standalone_host(host, checkpoints, tmp_path):
    """The WebUI reads neither: it draws epsilon without a .yaml, and rescales by an option of its own."""
    from modules import sd_models, shared

    keys = {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}
    path = write_file(tmp_path / "noob.safetensors", load_file(checkpoints["sdxl"]) | keys)
    alone = StandaloneHost(device="cpu")
    sd_model = sd_models.load_model(path, "sdxl")
    with borrowed(host) as ours, alone.borrow(alone.find(str(path))) as theirs:
        assert ours.prediction_type == theirs.prediction_type == "v"
        assert torch.equal(ours.alphas_cumprod, theirs.alphas_cumprod)
        assert float(ours.alphas_cumprod[-1]) == 0
    said, by_yaml, by_option = host.size_of(host.find("")).notes
    assert "trained with that noise schedule" in said
    assert "put noob.yaml" in by_yaml
    assert "Zero Terminal SNR" in by_option
    sd_model.parameterization = "v"
    shared.opts.data["sd_noise_schedule"] = "Zero Terminal SNR"
    assert host.size_of(host.find("")).notes == (said,)


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_everything_is_lifted_while_lent_and_given_back(any_model, host, error):
    from ldm.modules import attention
    from modules import call_queue, sd_hijack, sd_unet, shared

    tiled, chosen = used(any_model), attention.CrossAttention.forward
    before, chance = state_of(any_model), torch.get_rng_state()
    with pytest.raises(error) if error else nullcontext():
        with borrowed(host) as model:
            modules = list(any_model.modules())
            assert not any(module.training for module in modules)
            assert not any(getattr(module, "checkpoint", False) is True for module in modules)
            assert not any(getattr(module, "use_checkpoint", False) is True for module in modules)
            assert not any(hook.__name__ == "send_me_to_gpu" for m in modules for hook in m._forward_pre_hooks.values())
            assert not any(parameter.requires_grad for parameter in any_model.parameters())
            assert (shared.loaded_hypernetworks, sd_unet.current_unet_option) == ([], "None")
            assert attention.CrossAttention.forward is sd_hijack.sdp_forward
            assert not vars(tiled)["__webui_hypertile_params"].enabled
            assert not shared.parallel_processing_allowed
            assert shared.state.job == "train-tools"
            model.predict(noisy(1), torch.tensor([5]), model.encode_captions(["a"], 1, 75), sizes(1))
            model.encode_images(torch.zeros(1, 3, 64, 64))
            if error:
                raise error
    require_same(before, any_model)
    require_used(tiled)
    assert attention.CrossAttention.forward is chosen
    assert torch.equal(torch.get_rng_state(), chance)
    assert call_queue.queue_lock.acquire(blocking=False)


def test_everything_else_is_given_back_where_one_thing_fails(sd_model, host, monkeypatch):
    from modules import call_queue, devices, lowvram, shared

    used(sd_model)
    before = state_of(sd_model)
    with pytest.raises(ZeroDivisionError), borrowed(host):
        monkeypatch.setattr(lowvram, "module_in_gpu", None)
        monkeypatch.setattr(sd_model.first_stage_model, "to", broken)
        monkeypatch.setattr(devices, "torch_gc", broken)
    monkeypatch.undo()
    assert shared.parallel_processing_allowed
    assert shared.loaded_hypernetworks == ["a hypernetwork"]
    after = state_of(sd_model)
    lost = [key for key in before if before[key] != after[key]]
    assert {key[1] for key in lost} <= {"_forward_pre_hooks"}  # of what failed
    assert call_queue.queue_lock.acquire(blocking=False)


def broken(*anything):
    raise ZeroDivisionError


def test_sdxl_images_are_encoded_in_float_and_the_16_bit_vae_stays(adapter, checkpoints, host):
    sd_model = load(checkpoints, "sdxl")
    sd_model.first_stage_model.half()
    before = state_of(sd_model)
    with borrowed(host) as model:
        # too large for 16 bits on the way: what makes the true one overflow
        moments = model.encode_images(torch.full((1, 3, 64, 64), 70000.0))
        assert moments.mean.isfinite().all()
    require_same(before, sd_model)


def in_fp8(sd_model):
    """As the WebUI keeps a model with its setting "FP8 weight"."""
    for module in sd_model.model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            module.to(torch.float8_e4m3fn)


def test_a_16_bit_checkpoint_is_refused_where_it_cannot_be_trained(sd_model, host, pictures):
    sd_model.half()
    with borrowed(host) as model:
        for setting in ("no", "auto", "bf16"):
            with pytest.raises(
                ConfigError, match=f"mixed_precision = '{setting}'.*kept in float16: load it in float32"
            ):
                fake_assembly(pictures, model, mixed_precision=setting)


def test_an_fp8_checkpoint_is_trained_with_mixed_precision_alone(any_model, host, pictures):
    in_fp8(any_model)
    before = state_of(any_model)
    with borrowed(host) as model:
        with pytest.raises(ConfigError, match=r"mixed_precision = 'no'.*kept in float8_e4m3fn: choose bf16, or"):
            fake_assembly(pictures, model, mixed_precision="no")
        training = fake_assembly(pictures, model, mixed_precision="bf16", max_train_steps=2).trainer
        losses = [event.loss for event in training.events() if isinstance(event, StepDone)]
    assert len(losses) == 2
    assert all(0 < loss < 10 for loss in losses)
    require_same(before, any_model)


def test_latents_are_not_rounded_to_fp8(sd_model, host):
    found = []
    for keep in (in_fp8, lambda model: model.float()):  # the same numbers in another format
        keep(sd_model)
        with borrowed(host) as model, torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            condition = model.encode_captions(["a"], 1, 75)
            found.append(model.predict(noisy(1), torch.tensor([5]), condition, sizes(1)))
    assert torch.equal(*found)


def test_a_lora_of_the_last_prompt_is_no_part_of_what_is_trained(sd_model, host, tmp_path):
    import networks

    before = sd_model.model.diffusion_model.state_dict()
    before = {name: tensor.clone() for name, tensor in before.items()}
    with borrowed(host) as model:
        write_network(tmp_path / "shape.safetensors", network_of(model).tensors(), {}, "float")
    host.offer_lora(tmp_path / "shape.safetensors")
    networks.load_networks(["shape"])
    sd_model.cond_stage_model("a prompt")
    sd_model.model.diffusion_model(noisy(1), torch.tensor([5]), sd_model.cond_stage_model("a"))
    weights = sd_model.model.diffusion_model.state_dict()
    assert any(not torch.equal(before[name], weights[name]) for name in before)
    with borrowed(host) as model:
        assert all(torch.equal(before[name], tensor) for name, tensor in model.unet.state_dict().items())


@pytest.mark.parametrize("more", ["Lora alone", "another extension"])
def test_layers_that_lora_patches_are_computed_with_their_updates_at_once(any_model, host, monkeypatch, more):
    import networks

    if more == "another extension":  # whose patch Lora passes on to
        for kind in ("Linear", "Conv2d"):
            monkeypatch.setattr(networks.originals, f"{kind}_forward", lambda *anything: None)
    calls, fused = [], lora.lora_linear  # type: ignore[attr-defined]
    monkeypatch.setattr(lora, "lora_linear", lambda *given: calls.append(1) or fused(*given))
    before, results = state_of(any_model), []
    with borrowed(host) as model:
        network = network_of(model, ("unet",))
        for vouched in (True, False):
            if not vouched:
                monkeypatch.setattr(lora, "VOUCHED", "no such attribute")
            calls.clear()
            with network.attached():
                condition = model.encode_captions(["a"], 1, 75)
                found = model.predict(noisy(1, side=16), torch.tensor([5]), condition, sizes(1))
            assert bool(calls) == (vouched and more == "Lora alone")
            gradients = torch.autograd.grad(found.square().mean(), network.parameters("unet"))
            results.append((found, *gradients))
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*results, strict=True))
    require_same(before, any_model)


class Waiting(threading.Thread):
    """Somebody who asks the WebUI for something while a run holds it."""

    def __init__(self, does):
        super().__init__(daemon=True)
        self.does, self.served = does, False
        self.start()
        from modules import call_queue

        while not call_queue.queue_lock._pending_threads:
            time.sleep(0.001)

    def run(self):
        from modules import call_queue

        with call_queue.queue_lock:
            self.does()
            self.served = True


def paused_into(seen):
    """What a trainer hands to ``between_steps``; tells when its network is off."""

    class Paused:
        def __enter__(self):
            seen.append("off")

        def __exit__(self, *error):
            seen.append("on")

    return Paused


def test_between_steps_whoever_waits_gets_the_untouched_model(sd_model, host):
    from modules import shared

    tiled, seen = used(sd_model), []
    before = state_of(sd_model)
    with borrowed(host) as model:
        assert model.between_steps(1, 9, paused_into(seen))
        assert (shared.state.job_no, shared.state.job_count, seen) == (1, 9, [])

        def work():
            seen.append("work")
            require_same(before, sd_model)
            require_used(tiled)

        waiting = Waiting(work)
        assert model.between_steps(2, 9, paused_into(seen))
        assert waiting.served
        assert seen == ["off", "work", "on"]
        assert (shared.state.job, shared.state.job_no, shared.state.job_count) == ("train-tools", 2, 9)
        assert not any(parameter.requires_grad for parameter in sd_model.parameters())
        assert not any(module.training for module in sd_model.modules())
    require_same(before, sd_model)


def test_a_model_set_aside_is_the_webui_s_own_until_it_is_taken_back(any_model, host):
    from modules import call_queue, shared

    tiled = used(any_model)
    before = state_of(any_model)
    with borrowed(host) as model:
        with model.set_aside() as look:
            look()
            assert shared.state.job == ""
            with call_queue.queue_lock:  # somebody generates a picture
                require_same(before, any_model)
                require_used(tiled)
        assert shared.state.job == "train-tools"
        assert not call_queue.queue_lock.acquire(blocking=False)
        assert not any(parameter.requires_grad for parameter in any_model.parameters())
        assert not any(module.training for module in any_model.modules())
    require_same(before, any_model)


def test_a_change_of_the_model_is_not_looked_at_while_somebody_is_at_it(sd_model, host):
    from modules import call_queue, sd_models

    with borrowed(host) as model, model.set_aside() as look:
        with call_queue.queue_lock:
            sd_models.model_data.sd_model = None  # as another checkpoint is being loaded
            assert look() is None
            sd_models.model_data.sd_model = sd_model
        assert look() is None


def test_a_run_that_is_paused_in_the_webui_gives_the_losses_of_one_that_is_not(sd_model, host, pictures):
    from modules import call_queue, shared

    used(sd_model)
    before = state_of(sd_model)

    def losses(wishes, does):
        found = []

        def keep(event):
            if isinstance(event, StepDone):
                found.append(event)
                does(event)

        with borrowed(host) as model:
            trainer = fake_assembly(pictures, model, text_encoder_lr=1e-3).trainer
            assert Loop(trainer, model, [keep], wishes, Nobody()).run_to_end()
        return found

    def pause(event):
        if event.step == 2:
            wishes.pause.set()
            threading.Thread(target=somebody, daemon=True).start()

    def somebody():
        while shared.state.job:  # until it stands still
            time.sleep(0.01)
        with call_queue.queue_lock:
            require_same(before, sd_model)
            sd_model.model.diffusion_model(noisy(1), torch.tensor([5]), sd_model.cond_stage_model("a"))
        served.append(True)
        wishes.pause.clear()

    wishes, served = Wishes(), []
    assert losses(wishes, pause) == losses(Wishes(), lambda event: None)
    assert served == [True]
    require_same(before, sd_model)


@pytest.mark.parametrize("flag", ["interrupted", "stopping_generation"])
def test_between_steps_an_interrupt_is_the_wish_to_stop(sd_model, host, flag):
    from modules import shared

    with borrowed(host) as model:
        setattr(shared.state, flag, True)
        assert not model.between_steps(1, 9, nullcontext)


def test_an_interrupted_preview_is_no_picture_and_the_wish_to_stop(sd_model, host, monkeypatch):
    from modules import processing, shared

    drawing = processing.process_images

    def pressed(p):
        if p.seed == 6:
            shared.state.interrupted = True
        return drawing(p)

    monkeypatch.setattr(processing, "process_images", pressed)
    with borrowed(host) as model:
        assert len(list(host.render(model, [asked(seed=5), asked(seed=6), asked(seed=7)]))) == 1
        assert not model.between_steps(1, 9, nullcontext)


def another_checkpoint(sd_model):
    sd_model.sd_model_checkpoint, sd_model.sd_model_hash = "other.safetensors", "0123"


def another_vae(sd_model):
    from modules import sd_vae

    sd_vae.loaded_vae_file = sd_model.loaded_vae_file = "other.vae.pt"


def no_checkpoint(sd_model):
    from modules import sd_models

    sd_models.model_data.sd_model = None


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
            next(iter(host.render(model, [asked()])))
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


def test_with_medvram_the_model_trains_elsewhere_than_it_rests(adapter, sd_model, host, monkeypatch):
    """Its hooks keep it in main memory between generations; while it is lent it lies on the GPU."""
    from modules import lowvram

    lowvram.setup_for_low_vram(sd_model)
    monkeypatch.setattr(adapter, "_device_of", lambda m: "cpu" if m.model._forward_pre_hooks else "cuda:0")
    with borrowed(host) as model:
        assert model.between_steps(1, 9, nullcontext)
        waiting = Waiting(lambda: None)
        assert model.between_steps(2, 9, nullcontext)
        assert waiting.served


def refusal(host):
    """The sentence, told before a run and on borrowing."""
    told = host.problem()
    with pytest.raises((HostModelError, HostBusyError)) as error, borrowed(host):
        pass
    assert str(error.value) == told
    return told


def test_lowvram_is_refused(sd_model, host):
    from modules import shared

    shared.cmd_opts.lowvram = True
    assert refusal(host).endswith("start it with --medvram")


def test_nothing_loaded_and_half_loaded_are_refused(sd_model, host):
    assert host.problem() is None
    del sd_model.cond_stage_model_empty_prompt
    assert "no checkpoint is loaded: choose one" in refusal(host)
    no_checkpoint(sd_model)
    assert "no checkpoint is loaded: choose one" in refusal(host)


REFUSED = {
    "an SD3 model": lambda model: setattr(model, "is_sd3", True),
    "an SSD-1B model": lambda model: setattr(model, "is_ssd", True),
    "held by Forge": lambda model: setattr(model, "forge_objects", None),
    "an inpainting": lambda model: setattr(model.model, "conditioning_key", "hybrid"),
    "with 9 input channels": lambda model: setattr(model.model.diffusion_model, "in_channels", 9),
    "an instruct-pix2pix": lambda model: setattr(model, "cond_stage_key", "edit"),
    "of an unknown kind": lambda model: setattr(model, "is_sd1", False),
    "in inference mode": lambda model: inferred(model),
}


def inferred(model):
    with torch.inference_mode():
        model.model.diffusion_model.out[2].weight = torch.nn.Parameter(torch.zeros(4, 32, 3, 3))


@pytest.mark.parametrize("kind", REFUSED)
def test_models_that_cannot_be_trained_are_refused_by_name(sd_model, host, kind):
    REFUSED[kind](sd_model)
    assert kind in refusal(host)


def test_another_checkpoint_than_the_settings_name_is_refused(sd_model, host, checkpoints):
    ref = host.find("")
    load(checkpoints, "sd2")
    with pytest.raises(HostBusyError, match="has 'tiny_sd2.safetensors' loaded now, not 'tiny_sd1"), host.borrow(ref):
        pass


def test_prediction_type_that_the_webui_does_not_sample_with_is_refused(sd_model, host):
    assert host.find("", prediction_type="epsilon") == host.find("")
    with pytest.raises(
        ModelFileError, match=r"prediction_type = 'v': the WebUI has 'tiny_sd1.safetensors' loaded as eps"
    ):
        host.find("", prediction_type="v")


def test_hash_of_the_checkpoint_is_the_one_that_the_webui_knows(sd_model, host):
    assert host.find("").sha256 == ""
    sd_model.sd_checkpoint_info.sha256 = "ab" * 32
    assert host.find("").sha256 == "ab" * 32
