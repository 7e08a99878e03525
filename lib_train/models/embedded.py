"""The small model that ships with Train Tools: its path, and its installation into a WebUI."""

import json
from pathlib import Path

from lib_train.errors import FileError, reason
from lib_train.files import write_whole
from lib_train.texts import say

ASSETS = Path(__file__).parents[1] / "assets"
CHECKPOINT = ASSETS / "embedded" / "embedded.safetensors"
TOKENIZER_FOLDER = ASSETS / "tokenizer"
_NAME = "train-tools-embedded"

_YAML = """\
# Tells the WebUI the widths of this checkpoint; keep it beside the file, under the same name.
model:
  base_learning_rate: 1.0e-04
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    linear_start: 0.00085
    linear_end: 0.0120
    num_timesteps_cond: 1
    log_every_t: 200
    timesteps: 1000
    first_stage_key: "jpg"
    cond_stage_key: "txt"
    image_size: 16
    channels: 4
    cond_stage_trainable: false
    conditioning_key: crossattn
    scale_factor: 0.18215
    use_ema: False
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        image_size: 16
        in_channels: 4
        out_channels: 4
        model_channels: 64
        attention_resolutions: [4, 2, 1]
        num_res_blocks: 2
        channel_mult: [1, 1, 1, 1]
        num_heads: 2
        use_spatial_transformer: True
        transformer_depth: 1
        context_dim: 64
        use_checkpoint: False
        legacy: False
    first_stage_config:
      target: ldm.models.autoencoder.AutoencoderKL
      params:
        embed_dim: 4
        monitor: val/rec_loss
        ddconfig:
          double_z: true
          z_channels: 4
          resolution: 128
          in_channels: 3
          out_ch: 3
          ch: 64
          ch_mult: [1, 1, 1, 1]
          num_res_blocks: 1
          attn_resolutions: []
          dropout: 0.0
        lossconfig:
          target: torch.nn.Identity
    cond_stage_config:
      target: ldm.modules.encoders.modules.FrozenCLIPEmbedder
      params:
        version: {version}
"""


def webui_yaml(version: str) -> str:
    """The ``.yaml`` that makes a WebUI build the embedded model; ``version`` is the folder of its text encoder."""
    return _YAML.format(version=json.dumps(version))


def install_embedded(webui: Path) -> list[Path]:
    """Put the embedded model into a WebUI's models folder; returns the files and folders written.

    Raises:
        FileError: the folder is no WebUI, another file of that name lies there, or it cannot be written to.
    """
    target = webui / "models" / "Stable-diffusion"
    if not (webui / "webui.py").is_file() or not target.is_dir():
        lacking = "webui.py" if not (webui / "webui.py").is_file() else "models/Stable-diffusion"
        raise FileError(
            say(
                "{webui}: is no WebUI folder ({lacking} is missing); give the folder that holds webui.py",
                webui=webui,
                lacking=lacking,
            )
        )
    checkpoint, tokenizer = target / f"{_NAME}.safetensors", target / f"{_NAME}-tokenizer"
    yaml = checkpoint.with_suffix(".yaml")
    wanted = {yaml: webui_yaml(str(tokenizer.resolve())).encode(), checkpoint: CHECKPOINT.read_bytes()}
    wanted |= {tokenizer / file.name: file.read_bytes() for file in sorted(TOKENIZER_FOLDER.iterdir())}
    foreign = [path for path, content in wanted.items() if path.exists() and path.read_bytes() != content]
    if foreign:
        raise FileError(say("{path}: another file of this name is there; move it away first", path=foreign[0]))
    try:
        tokenizer.mkdir(exist_ok=True)
        for path, content in wanted.items():
            write_whole(path, content)
    except OSError as error:
        raise FileError(
            say("{target}: cannot be written to ({why}); make it writable", target=target, why=reason(error))
        ) from error
    return list(wanted)
