"""Constants that many rooms share: families of base models, endings of files, blocks, rates, schema of settings."""

FAMILIES = ("sd1", "sd2", "sdxl")
"""Families of base models, as they are called throughout: Stable Diffusion 1.x, 2.x, XL."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif")
"""Endings of picture files that are trained on."""
CAPTIONS = (".txt", ".caption")
"""Endings of caption files; first match wins. No others are written unless a person adds them on the command line."""
CHECKPOINTS = (".safetensors", ".ckpt")
"""Endings of base models that are listed."""
TENSORS = (*CHECKPOINTS, ".pt", ".pth", ".bin")
"""Endings of files that hold tensors, in any format."""
_SD = (*(f"IN{n:02}" for n in range(12)), "M00", *(f"OUT{n:02}" for n in range(12)))
_SDXL = (
    "EMB", *(f"IN{n:02}" for n in range(9)), "M00", "M01", "M02", *(f"OUT{n:02}" for n in range(9)), "OUT",
)  # fmt: skip
BLOCKS = {"sd1": _SD, "sd2": _SD, "sdxl": _SDXL}
"""Blocks of each family's U-Net in the order of sd-scripts' lists; EMB and OUT hold nothing that LoRA trains."""
ADAPTED = "d*lr"
"""Before a part's name: the rate that an optimizer found, times the factor it was given, as sd-scripts calls it."""
SCHEMA = 2
"""Of settings as files keep them; 1 is that of the first release, 0 that of other programs."""
