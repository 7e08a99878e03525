"""Preview pictures: requests for them, and their layout in sheets."""
