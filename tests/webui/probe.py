"""Copied into the tested WebUI as an extension's script: what cannot be seen from outside of its process."""

import gc
import hashlib
from pathlib import Path

import torch
from modules import call_queue, script_callbacks, sd_disable_initialization, shared


def weights():
    """A hash of all weights, what else training could leave behind, and the options."""
    digest = hashlib.sha256()
    for name, tensor in sorted(shared.sd_model.state_dict().items()):
        digest.update(name.encode() + tensor.detach().float().cpu().numpy().tobytes())
    flags = [parameter.requires_grad for parameter in shared.sd_model.parameters()]
    forwards = sum("forward" in module.__dict__ for module in shared.sd_model.modules())
    return {"sha256": digest.hexdigest(), "trainable": sum(flags), "forwards": forwards, "opts": dict(shared.opts.data)}


def build(config: str, file: str):
    """Write a checkpoint of random weights: the names and shapes are those of the classes that the config names."""
    from omegaconf import OmegaConf
    from safetensors.torch import save_file
    from sgm.util import instantiate_from_config

    torch.manual_seed(1)
    with sd_disable_initialization.DisableInitialization(disable_clip=True):
        model = instantiate_from_config(OmegaConf.load(config).model)
    for name, tensor in model.named_parameters():
        if tensor.ndim > 1:
            tensor.data.normal_(0, 0.7 * tensor[0].numel() ** -0.5)
        else:
            tensor.data.normal_(1.0 if name.endswith("weight") else 0.0, 0.05)
    kept = ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "conditioner.")
    found = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name.startswith(kept)}
    save_file({name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in found.items()}, file)
    return {"tensors": len(found)}


def merged(file: str):
    """What ``<lora:...:1>`` adds to each layer that the file names, against alpha / rank * up @ down.

    How many modules the file has, how many it should have with convolutions, how many of them the WebUI's weights
    follow, and how far the furthest is off.
    """
    from safetensors.torch import load_file

    from lib_train.config.network import NetworkConfig
    from lib_train.host.webui.ready import unmerge
    from lib_train.networks.choice import chosen

    path, model, config = Path(file), shared.sd_model, NetworkConfig(conv_dim=1)
    tensors = load_file(file)
    names = {key.partition(".")[0] for key in tensors}
    with call_queue.queue_lock, torch.no_grad():
        unmerge(model)
        targets = {target.name: target for target in _targets(model) if chosen(target.layer, config)}
        before = {name: targets[name].weight.detach().float().clone() for name in names}
        _merge(model, path, 1.0)
        off = []
        for name in names:
            up, down = tensors[f"{name}.lora_up.weight"].float(), tensors[f"{name}.lora_down.weight"].float()
            scale = float(tensors[f"{name}.alpha"]) / down.shape[0]
            wanted = scale * (up.flatten(1) @ down.flatten(1)).reshape(before[name].shape)
            added = targets[name].weight.detach().float() - before[name]
            off.append(float((added - wanted).norm() / wanted.norm().clamp(min=1e-12)))  # unused layers learn nothing
        unmerge(model)
    return {"modules": len(names), "targets": len(targets), "followed": sum(o < 0.01 for o in off), "worst": max(off)}


def _targets(model):
    from lib_train.host.webui.model import family_of
    from lib_train.networks.targets import targets_of

    wrappers = model.conditioner.embedders[:2] if model.is_sdxl else [model.cond_stage_model]
    encoders = [getattr(w.wrapped, "transformer", None) or w.wrapped.model for w in wrappers]
    return targets_of(family_of(model), model.model.diffusion_model, encoders)


def _merge(model, path, weight):
    """What ``<lora:...:weight>`` does to all layers."""
    from lib_train.host.webui.loras import Loras
    from lib_train.host.webui.ready import lora_extension

    networks = lora_extension()
    with Loras().known(path):
        networks.load_networks([path.stem], [weight], [weight], [None])
    for layer in {id(m): m for m in model.network_layer_mapping.values()}.values():
        inside_attention = isinstance(layer, torch.nn.modules.linear.NonDynamicallyQuantizableLinear)
        if not inside_attention and (hasattr(layer, "weight") or hasattr(layer, "in_proj_weight")):
            networks.network_apply_weights(layer)


def kinds(folder: str):
    """How far the worst weight is off from W + m delta, as a share of m delta, when the WebUI has merged a file of each
    kind of network at m; with that layer's name, the number of layers, and whether all came back bit for bit.
    """
    from lib_train.checkpoints.files import write_network
    from lib_train.config.network import NetworkConfig
    from lib_train.host.webui.ready import unmerge
    from lib_train.networks.kinds import KINDS
    from lib_train.networks.network import Network

    model, chance = shared.sd_model, torch.Generator().manual_seed(3)
    config, found = NetworkConfig(network_dim=2, network_alpha=1, conv_dim=2, conv_alpha=1.5, train_norm=True), {}
    with call_queue.queue_lock, torch.no_grad():
        unmerge(model)
        trained = {name: kind for name, kind in KINDS.items() if kind.is_trained}
        for number, (name, kind) in enumerate(trained.items()):
            network = Network((), config, seed=0)
            for target in _targets(model):
                if (target.kind == "norm") == (name == "Norm") and kind.size(target.layer, config):
                    network.layers[target.name] = update = kind.create(target, config, 0)
                    for parameter in update.parameters().values():
                        parameter.add_(0.1 * torch.randn(parameter.shape, generator=chance))
            path = Path(folder) / f"kind_{number}.safetensors"
            write_network(path, network.tensors(), {}, "float", replace=True)
            before = {key: update.target.weight.float().clone() for key, update in network.layers.items()}
            deltas = {key: update.delta() for key, update in network.layers.items()}
            for weight in (1.0, 0.5):
                _merge(model, path, weight)
                off = {
                    key: float((update.target.weight.float() - before[key] - weight * deltas[key]).norm()
                               / (weight * deltas[key]).norm())
                    for key, update in network.layers.items()
                }  # fmt: skip
                worst = max(off, key=lambda key: off[key])
                unmerge(model)
                restored = all(torch.equal(u.target.weight.float(), before[k]) for k, u in network.layers.items())
                found[f"{name} at {weight}"] = [off[worst], worst, len(off), restored]
    return found


def tensors():
    """Bytes of the loaded model's weights, and of all tensors that Python holds, each storage once.

    Of a run that goes on it sees the moment between two steps: in one, tensors come and go while they are counted.
    """
    with call_queue.queue_lock:
        found = [one for one in gc.get_objects() if issubclass(type(one), torch.Tensor) and one.device.type != "meta"]
        return {"model": _bytes_of(shared.sd_model.state_dict().values()), "all": _bytes_of(found)}


def _bytes_of(tensors):
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


def reload():
    """What the button "Reload UI" does."""
    shared.state.request_restart()


def _add_routes(demo, app):
    for route in (weights, build, merged, kinds, tensors, reload):
        app.add_api_route(f"/probe/{route.__name__}", route)


script_callbacks.on_app_started(_add_routes)
