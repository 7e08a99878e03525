"""What the adapter uses of the WebUI's package of this name."""
