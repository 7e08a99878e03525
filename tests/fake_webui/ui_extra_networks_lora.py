"""The page of LoRAs."""

from pathlib import Path
from typing import Any

import networks


class ExtraNetworksPageLora:
    def create_item(self, name: str, index: int | None = None, enable_filter: bool = True) -> dict[str, Any] | None:
        """What a card shows; the files beside the network's are looked for in its folder."""
        entry = networks.available_networks.get(name)
        if entry is None:
            return None
        found = {path.name for path in Path(entry.filename).parent.iterdir()}
        description = Path(entry.filename).with_suffix(".txt").name
        return {"name": name, "filename": entry.filename, "description": description if description in found else None,
                "preview": None, "metadata": entry.metadata, "sd_version": entry.sd_version.name}  # fmt: skip
