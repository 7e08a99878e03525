"""What a person asks for: frozen, always valid settings. Standard library only."""
