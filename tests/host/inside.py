"""What tests of the adapter inside the WebUI have in common."""

import threading
import time
from types import SimpleNamespace

import pytest
import torch

from lib_train.errors import HostBusyError, HostModelError


def load(checkpoints, family):
    from modules import sd_models

    return sd_models.load_model(checkpoints[family], family)


def borrowed(host):
    return host.borrow(host.find(""))


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


def leave_traces(sd_model):
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


def require_traces(tiled):
    from modules import sd_hijack, sd_unet, shared

    assert shared.loaded_hypernetworks == ["a hypernetwork"]
    assert sd_hijack.current_optimizer.name == "xformers"
    assert sd_unet.current_unet_option == "chosen"
    assert shared.parallel_processing_allowed
    assert vars(tiled)["__webui_hypertile_params"].enabled
    assert (shared.state.job, shared.state.job_count) == ("", 0)


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


def no_checkpoint(sd_model):
    from modules import sd_models

    sd_models.model_data.sd_model = None


def refusal(host):
    """The sentence that ``problem`` returns before a run and that borrowing raises."""
    problem = host.problem()
    with pytest.raises((HostModelError, HostBusyError)) as error, borrowed(host):
        pass
    assert str(error.value) == problem
    return problem


def another_checkpoint(sd_model):
    sd_model.sd_model_checkpoint, sd_model.sd_model_hash = "other.safetensors", "0123"


def build_in_inference_mode(model):
    with torch.inference_mode():
        model.model.diffusion_model.out[2].weight = torch.nn.Parameter(torch.zeros(4, 32, 3, 3))
