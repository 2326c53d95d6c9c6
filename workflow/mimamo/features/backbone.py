"""Torchvision's classifiers up to what their last layer reads, by name: the spatial stream's networks.

The default, ResNet-50 (He et al., "Deep residual learning for image recognition", 2016), comes in two forms:
torchvision's, and the older one of Caffe that the published weights were trained in.
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

#: The one that other weights than torchvision's are known for.
RESNET50 = "resnet50"

#: Their weights were ported from TensorFlow, and the network itself brings its input to what they want.
_PORTED = {"googlenet", "inception_v3"}


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
    input_size, resize
        Width and height of the input in pixels, and what the shorter side of a crop is brought to before its
        centre is cut out.
    cubic
        Whether crops are enlarged with cubic instead of linear interpolation.
    strided_reduction
        Whether the first block of ResNet-50's stages 3 to 5 halves the maps in its first 1×1 convolution
        instead of its 3×3.
    padded_pool
        Whether the pooling of ResNet-50's stem pads by one pixel all around; else windows may reach over the
        right and lower border.
    """

    name: str
    white: float
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    input_size: int = 224
    resize: int = 256
    cubic: bool = False
    strided_reduction: bool = False
    padded_pool: bool = True


#: ResNet-50 trained on VGGFace2; the mean is that of its faces.
CAFFE = Form(
    "caffe",
    255.0,
    (131.0912, 103.8827, 91.4953),
    (1.0, 1.0, 1.0),
    strided_reduction=True,
    padded_pool=False,
)


def torchvision_weights(backbone: str) -> WeightsEnum:
    """Return the oldest of torchvision's weights for a backbone.

    The oldest, since for the newer ones training with smoothed labels made better classifiers, and less
    general features.

    Raises
    ------
    ConfigError
        Where torchvision has no such network for pictures.
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
def torchvision_form(backbone: str) -> Form:
    """Return the form that torchvision's weights for a backbone are of, by their own transforms."""
    preset = torchvision_weights(backbone).transforms()
    return Form(
        "torchvision",
        1.0,
        tuple(preset.mean),
        tuple(preset.std),
        input_size=preset.crop_size[0],
        resize=preset.resize_size[0],
        cubic=preset.interpolation is InterpolationMode.BICUBIC,
    )


def build_network(backbone: str, device: str = "meta") -> nn.Module:
    """Return torchvision's network with its classifier; on the device ``meta`` without any numbers in it.

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
    """Return the name of a network's last layer, which makes classes from what are our features.

    Raises
    ------
    ConfigError
        Where that is no linear layer, so that there are no features without classes.
    """
    linear = [name for name, part in network.named_modules() if isinstance(part, nn.Linear)]
    if not linear:
        raise ConfigError(
            f"spatial.backbone should be a network that pools its features before it tells classes, and "
            f"{backbone} does not: set it to resnet50 or another one"
        )
    return linear[-1]


class Backbone(nn.Module):
    """A classifier without its last layer, each batch norm folded into the convolution before it.

    Parameters
    ----------
    state
        Parameters and statistics under torchvision's names, without those of the last layer.
    backbone
        Torchvision's name of the network.
    form
        What the weights were trained as; torchvision's by default.

    Attributes
    ----------
    width
        Values per crop.
    """

    def __init__(
        self, state: Mapping[str, Tensor], backbone: str = RESNET50, form: Form | None = None
    ) -> None:
        super().__init__()
        self.form = form or torchvision_form(backbone)
        network = build_network(backbone)
        classifier = classifier_of(network, backbone)
        self.width = network.get_submodule(classifier).in_features
        network.set_submodule(classifier, nn.Identity())
        # What a network says of the version of its own names must stay with the state.
        whole = network.state_dict()
        whole.update(state)
        network.load_state_dict(whole, assign=True)
        _take_form(network, self.form)
        self.body = fuse(network.eval().requires_grad_(False), inplace=True)
        self._late = _pool_in_single(self.body)
        mean, spread = (torch.tensor(values).view(3, 1, 1) for values in (self.form.mean, self.form.spread))
        self.register_buffer("scale", self.form.white / (255 * spread))
        self.register_buffer("offset", -mean / spread)
        self.to(memory_format=torch.channels_last)

    def lower_precision(self) -> Backbone:
        """Compute in bfloat16 up to the last map; input, pooling and what follows keep single precision."""
        values = self.body.state_dict()
        kept = {key: values[key] for part in self._late for key in values if f"{key}.".startswith(f"{part}.")}
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
            (n, width) float32: what the last layer would read, of ResNet-50 the mean over the last feature
            map, after its ReLU.
        """
        # This order of axes in memory, channels last, is the one the convolutions are fastest with.
        pixels = images.permute(0, 3, 1, 2) * self.scale + self.offset
        return self.body(pixels.to(next(self.body.parameters()).dtype)).float()


def _take_form(network: nn.Module, form: Form) -> None:
    """Move the strides and change the stem's pooling where `form` is not torchvision's."""
    if form.strided_reduction:
        for stage in (network.layer2, network.layer3, network.layer4):
            first = stage[0]
            first.conv1.stride, first.conv2.stride = first.conv2.stride, first.conv1.stride
    if not form.padded_pool:
        network.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=0, ceil_mode=True)


def _pool_in_single(body: fx.GraphModule) -> list[str]:
    """Let the last pooling read single precision; return the names of what is used from there on.

    Where nothing is pooled, as in transformers that add up what they saw in a token, there are none.
    """
    nodes = list(body.graph.nodes)
    pools = [place for place, node in enumerate(nodes) if _pools(body, node)]
    if not pools:
        return []
    late = nodes[pools[-1] :]
    with body.graph.inserting_before(late[0]):
        single = body.graph.call_method("float", (late[0].args[0],))
    late[0].replace_input_with(late[0].args[0], single)
    body.recompile()
    numbers = [given for node in late for given in node.all_input_nodes if given.op == "get_attr"]
    return [node.target for node in late if node.op == "call_module"] + [node.target for node in numbers]


def _pools(body: fx.GraphModule, node: fx.Node) -> bool:
    if node.op == "call_module":
        return isinstance(body.get_submodule(node.target), nn.AdaptiveAvgPool2d)
    return node.target in ("mean", nn.functional.adaptive_avg_pool2d)
