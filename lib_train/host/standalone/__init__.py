"""The adapter without a WebUI: diffusers and transformers."""
