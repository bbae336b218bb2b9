"""Small pictures of numbers as PNG, tinted from see-through to full, so that light and dark pages both suit them."""

import base64
import struct
import zlib

import numpy as np
from markupsafe import Markup


def tinted(colours: np.ndarray, strength: np.ndarray, which: np.ndarray | None = None) -> bytes:
    """A PNG in which a pixel has one of some colours, more or less see-through.

    Parameters
    ----------
    colours : (n_colours, 3) array of int
        Red, green and blue, 0 to 255; at most 16 of them.
    strength : (height, width) array
        0 is see-through, 1 the full colour.
    which : (height, width) array of int, optional
        Index of a pixel's colour; default the first one everywhere.

    Returns
    -------
    bytes
        A palette of 16 strengths a colour (256 for a single one). PNG specification, third edition, W3C (2025).
    """
    n_colours = len(colours)
    levels = 256 // n_colours if n_colours == 1 else 16
    steps = np.clip(np.round(np.asarray(strength, dtype=float) * (levels - 1)), 0, levels - 1).astype(np.uint8)
    index = steps if which is None else (np.asarray(which, dtype=np.uint8) * levels + steps).astype(np.uint8)
    palette = np.repeat(np.asarray(colours, dtype=np.uint8), levels, axis=0).tobytes()
    alpha = np.tile(np.round(np.linspace(0, 255, levels)).astype(np.uint8), n_colours).tobytes()
    height, width = index.shape
    lines = b"".join(b"\x00" + index[row].tobytes() for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", palette), (b"tRNS", alpha), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def image(data: bytes, x: float, y: float, width: float, height: float) -> Markup:
    """The PNG inside an SVG, its pixels kept as squares."""
    source = base64.b64encode(data).decode("ascii")
    return Markup(
        f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none" class="pixels" '
        f'href="data:image/png;base64,{source}"/>'
    )
