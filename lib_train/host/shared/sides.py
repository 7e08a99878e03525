"""Which size a base model was trained at, where that is not its family's usual one."""

_SD2_BASE = 512
_FULL_WIDTH = 320
_PIXELS = 8
"""Of a side, for each latent pixel."""


def own_side(family: str, prediction_type: str, width: int, image_size: object) -> int:
    """Pixels of a side that a model was trained at; 0 for the usual one of its family.

    SD2's base models predict epsilon and were trained at 512. A model narrower than real ones is taken at its
    description's word; full-size checkpoints are told ``image_size: 64`` at whatever size they were trained.

    Args:
        width: channels of the U-Net's first level.
        image_size: side in latent pixels, as a model's description has it; None, or no number, says nothing.

    >>> own_side("sd1", "epsilon", 64, 16), own_side("sd2", "epsilon", 320, 64), own_side("sd2", "v", 320, 64)
    (128, 512, 0)
    """
    if width < _FULL_WIDTH and isinstance(image_size, int) and 8 <= image_size <= 512:
        return image_size * _PIXELS
    return _SD2_BASE if (family, prediction_type, width >= _FULL_WIDTH) == ("sd2", "epsilon", True) else 0
