"""Tags whose underscores are part of a face: ``o_o``."""

from lib_train.pictures.readings import plain

EMOTICONS = frozenset((
    "0_0", "(o)_(o)", "+_+", "+_-", "._.", "<o>_<o>", "<|>_<|>", "=_=", ">_<", "3_3", "6_9", ">_o", "@_@", "^_^", "o_o",
    "u_u", "x_x", "|_|", "||_||",
))  # fmt: skip
"""Those that Danbooru's tags are known to have."""
FACES = (*(face for face in sorted(EMOTICONS) if "|" in face), ":|", ";)", ";(", ";d", ";o", ";p", ";q", ";3")
"""Those that hold signs which some programs set tags apart with."""
_LONGEST_FACE = 3
"""Signs of a tag with an underscore in its middle that is a face, or a number, whatever it is made of."""


def is_emoticon(tag: str) -> bool:
    r"""Whether underscores of a tag are no spaces.

    >>> is_emoticon(r"\(o\)_\(o\)"), is_emoticon("T_T"), is_emoticon("blue_eyes")
    (True, True, False)
    """
    face = plain(tag.strip())
    return face.lower() in EMOTICONS or (len(face) == _LONGEST_FACE and face[1] == "_")


def spaced(tag: str) -> str:
    """The tag with spaces for underscores, unless it is a face.

    >>> spaced("blue_eyes"), spaced(">_<")
    ('blue eyes', '>_<')
    """
    return tag if "_" not in tag or is_emoticon(tag) else " ".join(tag.replace("_", " ").split())


def underscored(tag: str) -> str:
    """The tag with underscores for spaces."""
    return "_".join(tag.split())
