"""Constants that many rooms share: families of base models, endings of files, schema number of settings."""

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
SCHEMA = 2
"""Of settings as files keep them; 1 is that of the first release, 0 that of other programs."""
