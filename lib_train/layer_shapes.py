"""What is to be known of a layer without its numbers, to say how large a network on it is."""

import re
from typing import NamedTuple


class LayerShape(NamedTuple):
    """A layer of a base model that networks can be put on."""

    part: str
    """"unet" or "text_encoder"."""
    block: str
    """As sd-webui-lora-block-weight calls it: "IN00" to "IN11", "M00", "OUT00" to "OUT11", and "BASE" for
    text encoders and what lies in no block.
    """
    kind: str
    """"linear", "conv1x1", "conv3x3", or "norm": a LayerNorm or GroupNorm."""
    shape: tuple[int, ...]
    """Of its weight: (O, I) or (O, I, K, K), or of a norm (C,)."""
    in_resnet: bool = False
    """Of a resnet or resampler of the U-Net, whose layers are trained where conv_dim is set, not of an attention."""
    name: str = ""
    """Its key in a file of kohya's, such as "lora_unet_mid_block_attentions_0_proj_in"."""
    bias: bool = False
    """Whether it has a bias (O,), as norms have."""
    fused: bool = False
    """One of four that the WebUI has as one MultiheadAttention: it reads all four of a file or none, and of biases the
    last one alone.
    """

    @property
    def counted_block(self) -> str:
        """One of ``vocabulary.BLOCKS`` of its family, which counts SDXL's middle as three; "BASE" for text encoders.

        >>> LayerShape("unet", "M00", "linear", (8, 8), name="lora_unet_middle_block_1_proj_in").counted_block
        'M01'
        """
        middle = re.search(r"_middle_block_(\d)_", self.name)
        return f"M{int(middle[1]):02}" if middle else self.block
