"""The drawn world of the embedded model, its new character, and readers that tell what a picture shows."""
