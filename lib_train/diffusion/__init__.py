"""The mathematics of noise: tensors and numbers, no settings objects."""
