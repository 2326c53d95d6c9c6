"""ResNet-50 up to its pooled features, in the two forms that weights are published for.

He et al., "Deep residual learning for image recognition" (2016), in torchvision's form and in the older one
of Caffe; torchvision's names in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import resnet50

#: Values per crop.
WIDTH = 2048


@dataclass(frozen=True)
class Form:
    """How a network is built, and what its input was brought to when it was trained.

    Attributes
    ----------
    name
        ``torchvision`` or ``caffe``.
    white
        What 255 becomes before mean and spread are applied.
    mean, spread
        Of red, green and blue: subtracted, then divided by.
    strided_reduction
        Whether the first block of stages 3 to 5 halves the maps in its first 1×1 convolution instead of its
        3×3.
    padded_pool
        Whether the stem's pooling pads by one pixel all around; else windows may reach over the right and
        lower border.
    input_size, resize
        Width and height of the input in pixels, and what the shorter side of a crop is brought to before its
        centre is cut out.
    """

    name: str
    white: float
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    strided_reduction: bool
    padded_pool: bool
    input_size: int = 224
    resize: int = 256


#: The mean and spread are those of ImageNet.
TORCHVISION = Form("torchvision", 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), False, True)

#: The networks trained on VGGFace2; the mean is that of its faces.
CAFFE = Form("caffe", 255.0, (131.0912, 103.8827, 91.4953), (1.0, 1.0, 1.0), True, False)


class Pool5(nn.Module):
    """ResNet-50 without its classifier, each batch norm folded into the convolution before it.

    Parameters
    ----------
    state
        Parameters and statistics under torchvision's names, without ``fc.*``.
    form
        What the weights were trained as.
    """

    def __init__(self, state: Mapping[str, Tensor], form: Form = TORCHVISION) -> None:
        super().__init__()
        self.form = form
        body = empty_network()
        body.load_state_dict(state, assign=True)
        _fold_batch_norms(body.eval().requires_grad_(False))
        _take_form(body, form)
        self.body = nn.Sequential(
            *(child for name, child in body.named_children() if name not in ("avgpool", "fc"))
        )
        mean, spread = (torch.tensor(values).view(3, 1, 1) for values in (form.mean, form.spread))
        self.register_buffer("scale", form.white / (255 * spread))
        self.register_buffer("offset", -mean / spread)
        self.to(memory_format=torch.channels_last)

    def lower_precision(self) -> Pool5:
        """Let the convolutions compute in bfloat16; input and pooling stay in single precision."""
        self.body.to(torch.bfloat16)
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Return the pooled features.

        Parameters
        ----------
        images
            (n, size, size, 3) RGB, uint8.

        Returns
        -------
        torch.Tensor
            (n, 2048) float32: the mean over the last feature map, after its ReLU.
        """
        # This order of axes in memory, channels last, is the one the convolutions are fastest with.
        pixels = images.permute(0, 3, 1, 2) * self.scale + self.offset
        maps = self.body(pixels.to(next(self.body.parameters()).dtype))
        return maps.float().mean((2, 3))


def empty_network() -> nn.Module:
    """Return a ResNet-50 without classifier and without memory for its parameters."""
    with torch.device("meta"):
        network = resnet50(weights=None)
    network.fc = nn.Identity()
    return network


def _take_form(body: nn.Module, form: Form) -> None:
    """Move the strides and change the stem's pooling where `form` is not torchvision's."""
    if form.strided_reduction:
        for stage in (body.layer2, body.layer3, body.layer4):
            first = stage[0]
            first.conv1.stride, first.conv2.stride = first.conv2.stride, first.conv1.stride
    if not form.padded_pool:
        body.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=0, ceil_mode=True)


def _fold_batch_norms(module: nn.Module) -> None:
    """Fold every batch norm into the convolution that stands before it, in all submodules.

    In evaluation a batch norm is a scale and an offset per channel, which the convolution can as well do
    itself.
    """
    children = list(module.named_children())
    for (name, convolution), (norm_name, norm) in pairwise(children):
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, name, fuse_conv_bn_eval(convolution, norm))
            setattr(module, norm_name, nn.Identity())
    for _, child in children:
        _fold_batch_norms(child)
