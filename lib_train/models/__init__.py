"""Base models without a WebUI: what a checkpoint file holds, and how it becomes modules."""
