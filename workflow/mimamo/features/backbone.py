"""Backbones of streams: torchvision's or timm's classifiers without their last layer, by name.

The default, ResNet-50 (He et al., "Deep residual learning for image recognition", 2016), comes in two forms:
torchvision's, and the older one of Caffe, in which the published weights were trained.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

import torch
import torchvision
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse
from torchvision.models import WeightsEnum, get_model, get_model_weights, list_models
from torchvision.transforms import InterpolationMode

from mimamo.errors import ConfigError
from mimamo.features.settings import TIMM
from mimamo.features.timm_networks import timm_network, timm_variant
from mimamo.features.variants import BackboneVariant

#: The backbone for which weights other than torchvision's are published.
RESNET50 = "resnet50"

#: Networks with weights ported from TensorFlow, which normalise their input themselves to suit these.
_PORTED = {"googlenet", "inception_v3"}


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


def variant_of(backbone: str) -> BackboneVariant:
    """Return how a network was trained that is one of torchvision's or, with the prefix `TIMM`, of timm's.

    Raises
    ------
    ConfigError
        Where there is no such network.
    """
    return timm_variant(backbone) if backbone.startswith(TIMM) else torchvision_variant(backbone)


def build_network(backbone: str, device: str = "meta") -> nn.Module:
    """Return a network with its classifier; on the device ``meta`` without values in memory.

    Raises
    ------
    ConfigError
        Where there is no such network.
    """
    if backbone.startswith(TIMM):
        return timm_network(backbone, device, classifier=True)
    torchvision_weights(backbone)
    options = {"transform_input": True, "init_weights": True} if backbone in _PORTED else {}
    with torch.device(device):
        return get_model(backbone, weights=None, **options)


def build_extractor(backbone: str, device: str = "meta") -> nn.Module:
    """Return a network that gives features instead of classes.

    Raises
    ------
    ConfigError
        Where there is no such network, or it has no features before its classes.
    """
    if backbone.startswith(TIMM):
        return timm_network(backbone, device, classifier=False)
    network = build_network(backbone, device)
    network.set_submodule(_classifier_of(network, backbone), nn.Identity())
    return network


def classifier_prefixes(backbone: str) -> tuple[str, ...]:
    """Return what the keys of the classifier in a network's state dict begin with."""
    features = build_extractor(backbone).state_dict().keys()
    keys = [key for key in build_network(backbone).state_dict() if key not in features]
    return tuple(sorted({f"{key.rpartition('.')[0]}." for key in keys}))


def _classifier_of(network: nn.Module, backbone: str) -> str:
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


@cache
def feature_width(backbone: str) -> int:
    """Return the number of features per crop of a backbone, without computing any."""
    return _shape_of(backbone, variant_of(backbone).input_size)[1]


def _shape_of(backbone: str, size: int) -> torch.Size:
    """Return the shape of the features of one picture of `size` pixels."""
    # Only shapes are computed on this device.
    return build_extractor(backbone).eval()(torch.empty(1, 3, size, size, device="meta")).shape


def check_backbone(backbone: str, input_size: int | None) -> None:
    """Check that features can be computed with a network, without any of its weights.

    Parameters
    ----------
    backbone
        The network's name.
    input_size
        Side of its input in pixels; None for that of its weights.

    Raises
    ------
    ConfigError
        Where there is no such network, where it has no features before its classes, or where it does not take
        images of this size.
    """
    preset = variant_of(backbone).input_size
    size = input_size or preset
    build_extractor(backbone)
    try:
        shape = _shape_of(backbone, size)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ConfigError(
            f"spatial.input_size should be one that {backbone} takes and is {size} "
            f"({' '.join(str(error).split())}): set it to null, which is {preset}"
        ) from error
    if len(shape) != 2:
        raise ConfigError(
            f"spatial.backbone should be a network that pools its features, and {backbone} does not: set it "
            "to resnet50 or another one"
        )


class Backbone(nn.Module):
    """A classifier without its last layer; of torchvision's, each batch norm is folded into a convolution.

    Parameters
    ----------
    state
        Parameters and statistics under the network's names, without those of the last layer.
    backbone
        The network's name.
    variant
        The variant of the weights; by default the one that torchvision or timm trained.

    Attributes
    ----------
    width
        Number of features per crop.
    fused
        Whether batch norms are folded into convolutions, for which torch has to trace the network: it traces
        torchvision's, and not all of timm's.
    """

    def __init__(
        self, state: Mapping[str, Tensor], backbone: str = RESNET50, variant: BackboneVariant | None = None
    ) -> None:
        super().__init__()
        self.variant = variant or variant_of(backbone)
        self.width = feature_width(backbone)
        self.fused = not backbone.startswith(TIMM)
        # Timm computes values on the way that are in no state dict.
        network = build_extractor(backbone, "meta" if self.fused else "cpu")
        # The version metadata of the network's own state_dict must be kept.
        complete = network.state_dict()
        complete.update(state)
        network.load_state_dict(complete, assign=True)
        _apply_variant(network, self.variant)
        self.body = network.eval().requires_grad_(False)
        self.bfloat16 = False
        if self.fused:
            self.body = fuse(self.body, inplace=True)
            self._single_precision = _pool_in_single(self.body)
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (self.variant.mean, self.variant.std))
        self.register_buffer("scale", self.variant.white_value / (255 * std))
        self.register_buffer("offset", -mean / std)
        self.to(memory_format=torch.channels_last)

    def lower_precision(self) -> Backbone:
        """Compute in bfloat16 up to the last feature map; input, pooling and later layers keep float32."""
        if not self.fused:
            self.bfloat16 = True
            return self
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
        if self.fused:
            return self.body(pixels.to(next(self.body.parameters()).dtype)).float()
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=self.bfloat16):
            maps = self.body.forward_features(pixels)
        return self.body.forward_head(maps.float())


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
