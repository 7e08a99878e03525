"""Projects on disk: paths and JSON, no tensors."""
