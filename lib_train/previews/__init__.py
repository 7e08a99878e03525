"""Pictures of what was learned: which to ask for, and how they are laid out."""
