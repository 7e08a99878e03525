"""What UI, API and command line have in common."""
