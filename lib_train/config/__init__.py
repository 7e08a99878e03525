"""Settings: frozen dataclasses, always valid. Standard library only."""
