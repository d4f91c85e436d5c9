"""The size in which a banner is shown in messages."""

from __future__ import annotations

import io

from PIL import Image

# What a banner has room for in a message, in pixels.
BANNER_SIZE = (584, 120)


def find_width(content: bytes, most: tuple[int, int]) -> int | None:
    """Return the width of a picture made to fit, in pixels; None: a drawing, or no picture.

    :param most: the largest width and height

    >>> def draw(width, height):
    ...     file = io.BytesIO()
    ...     Image.new("RGB", (width, height)).save(file, "PNG")
    ...     return file.getvalue()
    >>> [find_width(draw(*size), (584, 120)) for size in ((300, 100), (1200, 100), (600, 240))]
    [300, 584, 300]
    >>> find_width(b"<svg/>", (584, 120)), find_width(b"", (584, 120))
    (None, None)
    """
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except (OSError, SyntaxError, ValueError):
        return None
    most_width, most_height = most
    return min(width, most_width, max(1, most_height * width // height))
