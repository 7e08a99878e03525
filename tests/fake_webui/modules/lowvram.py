"""Moving parts between memories by hooks, as --medvram does."""

from typing import Any

from modules import devices

module_in_gpu: Any = None


def send_everything_to_cpu() -> None:
    global module_in_gpu
    if module_in_gpu is not None:
        module_in_gpu.to(devices.cpu)
    module_in_gpu = None


def setup_for_low_vram(sd_model: Any) -> None:
    def send_me_to_gpu(module: Any, _: object) -> None:
        global module_in_gpu
        send_everything_to_cpu()
        module.to(devices.device)
        module_in_gpu = module

    sd_model.lowvram = True
    for part in (*sd_model.text_encoders(), sd_model.first_stage_model, sd_model.model):
        part.register_forward_pre_hook(send_me_to_gpu)
    vae = sd_model.first_stage_model
    encode, decode = vae.encode, vae.decode
    vae.encode = lambda x: (send_me_to_gpu(vae, None), encode(x))[1]
    vae.decode = lambda z: (send_me_to_gpu(vae, None), decode(z))[1]
