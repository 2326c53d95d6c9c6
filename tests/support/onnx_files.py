"""Networks as ONNX files, written without the library of that name."""

from pathlib import Path


def _field(number: int, value: int | bytes | str) -> bytes:
    """Encode one field of a protocol buffer: a number below 128, text, or a message below 16 kB."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    content = value.encode() if isinstance(value, str) else value
    length = bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + length + content


def _picture(name: str) -> bytes:
    """Encode the description of a tensor (1, 3, 8, 8) of float32."""
    shape = b"".join(_field(1, _field(1, size)) for size in (1, 3, 8, 8))
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))


def write_rectifier(path: Path, output: str = "rectified") -> Path:
    """Write a network of one layer, a ReLU, with an output of this name."""
    node = _field(1, "picture") + _field(2, output) + _field(4, "Relu")
    graph = (
        _field(1, node) + _field(2, "net") + _field(11, _picture("picture")) + _field(12, _picture(output))
    )
    path.write_bytes(_field(1, 7) + _field(7, graph) + _field(8, _field(2, 11)))
    return path
