"""Image files that are not what they claim."""


def claim_size(jpeg: bytes, side: int) -> bytes:
    """Make the header of a JPEG say that the picture is a square of this side."""
    raw = bytearray(jpeg)
    frame = raw.index(b"\xff\xc0")
    raw[frame + 5 : frame + 9] = side.to_bytes(2, "big") * 2
    return bytes(raw)
