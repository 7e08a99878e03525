"""A LoRA file as the Lora extension lists it."""


class NetworkOnDisk:
    def __init__(self, name: str, filename: str) -> None:
        self.name, self.filename = name, filename
