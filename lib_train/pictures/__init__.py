"""Pictures and captions as they lie in folders. Knows no model."""
