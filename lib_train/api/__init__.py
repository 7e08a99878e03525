"""The use cases over HTTP, below ``train-tools/``."""
