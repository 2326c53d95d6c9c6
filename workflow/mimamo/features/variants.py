"""Variants: how a backbone is built, and how its input was preprocessed in training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BackboneVariant:
    """How a network is built, and how its input was preprocessed in training.

    Attributes
    ----------
    name
        ``torchvision``, ``caffe`` or ``timm``.
    white_value
        The value that 255 is scaled to before mean and std are applied.
    mean, std
        Per channel (red, green, blue): subtracted, and then divided by.
    input_size, resize
        Width and height of the input in pixels, and the length of a crop's shorter side after resizing,
        before its centre is cut out.
    bicubic
        Whether crops are enlarged with bicubic instead of linear interpolation.
    strided_reduction
        Whether the first block of ResNet-50's stages 3 to 5 halves the maps in its first 1×1 convolution
        instead of its 3×3.
    padded_pool
        Whether the pooling of ResNet-50's stem pads by one pixel all around; else windows may extend
        beyond the right and lower border.
    """

    name: str
    white_value: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    input_size: int = 224
    resize: int = 256
    bicubic: bool = False
    strided_reduction: bool = False
    padded_pool: bool = True


#: ResNet-50 trained on VGGFace2; the mean is that of its images.
CAFFE = BackboneVariant(
    "caffe",
    255.0,
    (131.0912, 103.8827, 91.4953),
    (1.0, 1.0, 1.0),
    strided_reduction=True,
    padded_pool=False,
)
