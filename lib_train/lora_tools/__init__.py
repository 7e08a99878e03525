"""Tools on LoRA files: tensors in, tensors out, whatever kind of network they are of."""
