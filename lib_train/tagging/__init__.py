"""Taggers: what is to be seen in a picture, as tags with scores. Knows no project and no host's insides."""
