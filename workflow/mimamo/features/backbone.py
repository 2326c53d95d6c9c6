"""Backbones of the spatial stream: torchvision's classifiers without their last layer, by name.

The default, ResNet-50 (He et al., "Deep residual learning for image recognition", 2016), comes in two forms:
torchvision's, and the older one of Caffe, in which the published weights were trained.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import torch
import torchvision
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse
from torchvision.models import WeightsEnum, get_model, get_model_weights, list_models
from torchvision.transforms import InterpolationMode

from mimamo.errors import ConfigError

#: The backbone for which weights other than torchvision's are published.
RESNET50 = "resnet50"

#: Networks with weights ported from TensorFlow, which normalise their input themselves to suit these.
_PORTED = {"googlenet", "inception_v3"}


@dataclass(frozen=True)
class BackboneVariant:
    """How a network is built, and how its input was preprocessed in training.

    Attributes
    ----------
    name
        ``torchvision`` or ``caffe``.
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


def torchvision_weights(backbone: str) -> WeightsEnum:
    """Return the oldest of torchvision's weights for a backbone.

    The oldest, since the newer ones were trained with smoothed labels, which makes better classifiers but
    less general features.

    Raises
    ------
    ConfigError
        Where torchvision has no such network for images.
    """
    known = list_models(module=torchvision.models)
    if backbone not in known:
        close = difflib.get_close_matches(backbone, known, n=3, cutoff=0.4) or known
        raise ConfigError(
            f"spatial.backbone should be the name of one of torchvision's classifiers and is {backbone}: set "
            f"it to resnet50 or another one, such as {', '.join(close[:3])}"
        )
    return next(iter(get_model_weights(backbone)))


@cache
def torchvision_variant(backbone: str) -> BackboneVariant:
    """Return the variant of torchvision's weights for a backbone, by the transforms that come with them."""
    preset = torchvision_weights(backbone).transforms()
    return BackboneVariant(
        "torchvision",
        1.0,
        tuple(preset.mean),
        tuple(preset.std),
        input_size=preset.crop_size[0],
        resize=preset.resize_size[0],
        bicubic=preset.interpolation is InterpolationMode.BICUBIC,
    )


def build_network(backbone: str, device: str = "meta") -> nn.Module:
    """Return torchvision's network with its classifier; on the device ``meta`` without values in memory.

    Raises
    ------
    ConfigError
        Where torchvision has no such network.
    """
    torchvision_weights(backbone)
    options = {"transform_input": True, "init_weights": True} if backbone in _PORTED else {}
    with torch.device(device):
        return get_model(backbone, weights=None, **options)


def classifier_of(network: nn.Module, backbone: str) -> str:
    """Return the name of a network's last layer, which classifies our features.

    Raises
    ------
    ConfigError
        Where the network has no linear layer, so that there are no features before the classes.
    """
    linear = [name for name, part in network.named_modules() if isinstance(part, nn.Linear)]
    if not linear:
        raise ConfigError(
            f"spatial.backbone should be a network that pools its features before it classifies, and "
            f"{backbone} does not: set it to resnet50 or another one"
        )
    return linear[-1]


def feature_width(backbone: str) -> int:
    """Return the number of features per crop of a backbone, without computing any."""
    network = build_network(backbone)
    return network.get_submodule(classifier_of(network, backbone)).in_features


def check_backbone(backbone: str, input_size: int | None) -> None:
    """Check that features can be computed with a network, without any of its weights.

    Parameters
    ----------
    backbone
        Torchvision's name of the network.
    input_size
        Side of its input in pixels; None for that of its weights.

    Raises
    ------
    ConfigError
        Where torchvision has no such network, where it has no features before its classes, or where it does
        not take images of this size.
    """
    network = build_network(backbone).eval()
    classifier_of(network, backbone)
    preset = torchvision_variant(backbone).input_size
    size = input_size or preset
    try:
        # Only shapes are computed on this device.
        network(torch.empty(1, 3, size, size, device="meta"))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ConfigError(
            f"spatial.input_size should be one that {backbone} takes and is {size} "
            f"({' '.join(str(error).split())}): set it to null, which is {preset}"
        ) from error


class Backbone(nn.Module):
    """A classifier without its last layer, each batch norm folded into the convolution before it.

    Parameters
    ----------
    state
        Parameters and statistics under torchvision's names, without those of the last layer.
    backbone
        Torchvision's name of the network.
    variant
        The variant of the weights; torchvision's by default.

    Attributes
    ----------
    width
        Number of features per crop.
    """

    def __init__(
        self, state: Mapping[str, Tensor], backbone: str = RESNET50, variant: BackboneVariant | None = None
    ) -> None:
        super().__init__()
        self.variant = variant or torchvision_variant(backbone)
        network = build_network(backbone)
        classifier = classifier_of(network, backbone)
        self.width = network.get_submodule(classifier).in_features
        network.set_submodule(classifier, nn.Identity())
        # The version metadata of the network's own state_dict must be kept.
        complete = network.state_dict()
        complete.update(state)
        network.load_state_dict(complete, assign=True)
        _apply_variant(network, self.variant)
        self.body = fuse(network.eval().requires_grad_(False), inplace=True)
        self._single_precision = _pool_in_single(self.body)
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (self.variant.mean, self.variant.std))
        self.register_buffer("scale", self.variant.white_value / (255 * std))
        self.register_buffer("offset", -mean / std)
        self.to(memory_format=torch.channels_last)

    def lower_precision(self) -> Backbone:
        """Compute in bfloat16 up to the last feature map; input, pooling and later layers keep float32."""
        values = self.body.state_dict()
        kept = {
            key: values[key]
            for module in self._single_precision
            for key in values
            if f"{key}.".startswith(f"{module}.")
        }
        self.body.to(torch.bfloat16)
        self.body.load_state_dict(kept, strict=False, assign=True)
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Return the features.

        Parameters
        ----------
        images
            (n, size, size, 3) RGB, uint8.

        Returns
        -------
        torch.Tensor
            (n, width) float32: the input of the removed last layer; for ResNet-50 the mean over the last
            feature map, after its ReLU.
        """
        # Convolutions are fastest with this memory format, channels last.
        pixels = images.permute(0, 3, 1, 2) * self.scale + self.offset
        return self.body(pixels.to(next(self.body.parameters()).dtype)).float()


def _apply_variant(network: nn.Module, variant: BackboneVariant) -> None:
    """Move the strides and change the stem's pooling where `variant` differs from torchvision's."""
    if variant.strided_reduction:
        for stage in (network.layer2, network.layer3, network.layer4):
            block = stage[0]
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    if not variant.padded_pool:
        network.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=0, ceil_mode=True)


def _pool_in_single(body: fx.GraphModule) -> list[str]:
    """Cast the input of the last pooling to float32; return the modules and parameters used from there on.

    Empty where nothing is pooled, as in transformers that collect their features in a class token.
    """
    nodes = list(body.graph.nodes)
    pools = [index for index, node in enumerate(nodes) if _is_pooling(body, node)]
    if not pools:
        return []
    late = nodes[pools[-1] :]
    with body.graph.inserting_before(late[0]):
        single = body.graph.call_method("float", (late[0].args[0],))
    late[0].replace_input_with(late[0].args[0], single)
    body.recompile()
    parameters = [source for node in late for source in node.all_input_nodes if source.op == "get_attr"]
    return [node.target for node in late if node.op == "call_module"] + [node.target for node in parameters]


def _is_pooling(body: fx.GraphModule, node: fx.Node) -> bool:
    """Return whether a node of the graph is a global average pooling."""
    if node.op == "call_module":
        return isinstance(body.get_submodule(node.target), nn.AdaptiveAvgPool2d)
    return node.target in ("mean", nn.functional.adaptive_avg_pool2d)
