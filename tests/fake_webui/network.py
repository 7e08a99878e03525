"""A LoRA file as the Lora extension lists it."""

from safetensors import safe_open


class NetworkOnDisk:
    """Puts itself into the table of hashes where its file tells one."""

    def __init__(self, name: str, filename: str) -> None:
        import networks

        self.name, self.filename = name, filename
        with safe_open(filename, "pt") as file:
            self.metadata = file.metadata() or {}
        self.shorthash = self.metadata.get("sshs_model_hash", "")[:12]
        if self.shorthash:
            networks.available_network_hash_lookup[self.shorthash] = self
