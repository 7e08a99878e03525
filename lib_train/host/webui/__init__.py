"""The adapter inside the WebUI. The only room that imports ``modules``."""
