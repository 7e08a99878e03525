"""What settings of pictures and captions must be: each gives the problem, or None."""

import math
import re
from typing import Any

from lib_train.errors import Problem
from lib_train.texts import say

_ENDING = re.compile(r"(\.[\w-]{1,20}){1,3}")
"""Of caption files that everybody at a page may write."""
_RUN = (
    "py pyw pyc pyd pth ipynb sh bash zsh fish csh ksh profile bashrc bat cmd com exe scr msi dll so dylib ps1 "
    "psm1 psd1 vbs vbe js jse mjs cjs ts jsx tsx wsf wsh hta reg lnk url desktop service inf cpl jar class war php "
    "phtml php5 phar asp aspx jsp cgi pl pm rb lua tcl r go rs c h cpp app command applescript scpt workflow html "
    "htm xhtml shtml svg xml xsl css wasm htaccess sql "
)
"""Last parts of endings that some system or browser runs."""
_PROGRAMS = frozenset(_RUN.split())


def usable_endings(config: Any) -> Problem | None:
    """Endings of text files, not of programs."""
    endings = config.caption_extension
    if not endings or any(not _ENDING.fullmatch(ending) for ending in endings):
        return Problem("caption_extension", endings, say("give endings with their dot, such as .txt"))
    if programs := [ending for ending in endings if ending.lower().rpartition(".")[2] in _PROGRAMS]:
        remedy = say(
            "captions are written into such files, and these may be programs: take another ending, such as .txt"
        )
        return Problem("caption_extension", ", ".join(programs), remedy)
    return None


def separator(config: Any) -> Problem | None:
    """Something between tags."""
    if not config.caption_separator.strip():
        return Problem(
            "caption_separator", config.caption_separator, say("give at least one visible character, usually ,")
        )
    return None


def two_sides(config: Any) -> Problem | None:
    """One side or two, as the VAE can take them."""
    if len(config.resolution) > 2:
        return Problem("resolution", config.resolution, say("give one number or width and height, or leave it empty"))
    if any(side % 8 for side in config.resolution):
        return Problem("resolution", config.resolution, say("sides must be multiples of 8, best of 64"))
    return None


def bucket_step(config: Any) -> Problem | None:
    """A step that leaves buckets."""
    step = config.bucket_reso_steps
    if step % 8:
        return Problem("bucket_reso_steps", step, say("must be a multiple of 8, best 64"))
    if not config.enable_bucket or not config.resolution or two_sides(config):
        return None
    width, height = config.size
    if step * step > width * height:  # no bucket of at least a step has so small an area
        sides = f"{width}" if width == height else f"{width} x {height}"
        most = math.isqrt(width * height) // 8 * 8
        remedy = say("must be at most {high} for a resolution of {sides}; 64 is usual", high=most, sides=sides)
        return Problem("bucket_reso_steps", step, remedy)
    return None


def colour(config: Any) -> Problem | None:
    """A colour."""
    digits = config.alpha_color.removeprefix("#")
    if len(digits) != 6 or not all(d in "0123456789abcdefABCDEF" for d in digits):
        return Problem("alpha_color", config.alpha_color, say("write it as #rrggbb, white is #ffffff"))
    return None
