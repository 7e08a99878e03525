"""Figures of a network on its base model, without another model to judge it: tensors in, numbers out."""
