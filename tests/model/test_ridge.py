"""The linear path beside the network."""

from dataclasses import replace

import torch

from mimamo.model.network import MimamoNet
from mimamo.model.ridge import RidgePath
from mimamo.model.sizes import NetworkConfig, StreamSizes
from support.network import SMALL, inputs

TWO = (StreamSizes("appearance"), StreamSizes("voice", inputs=3), StreamSizes("motion", phase=True))


def loaded(path: RidgePath) -> RidgePath:
    generator = torch.Generator().manual_seed(0)
    path.load(*(torch.randn(values.shape, generator=generator) for values in path.buffers()))
    return path


def test_a_frame_without_features_counts_as_the_mean():
    path = loaded(RidgePath([4, 3]))
    first, second = torch.randn(2, 5, 4), torch.randn(2, 5, 3)
    there = torch.tensor([True, True, False, True, True]).expand(2, 5)
    held = torch.where(there[..., None], second, path.mean[4:])
    assert torch.allclose(path([first, second], [None, there]), path([first, held], [None, None]))
    joined = torch.cat([first, second], -1) - path.mean
    assert torch.allclose(path([first, second], [None, None]), joined @ path.weight.T + path.bias, atol=1e-5)


def test_it_is_added_to_what_the_network_estimates():
    network = MimamoNet(replace(SMALL, ridge=True)).eval()
    values = inputs(2, 8)
    before = network(*values)
    linear = loaded(network.ridge)([values[0]], [None])
    assert torch.allclose(network(*values), before + linear, atol=1e-5)
    given = torch.randn(2, 8, 2)
    assert torch.allclose(network(*values, ridge=given), before + given, atol=1e-5)
    assert torch.allclose(network.head(network.frame_features(*values)), before + linear, atol=1e-5)


def test_a_silent_stream_counts_as_its_mean():
    config = replace(SMALL, ridge=True, streams=TWO)
    network = MimamoNet(config, silent=["voice"]).eval()
    path = loaded(network.ridge)
    pool5, *maps = inputs(1, 8)
    loud, quiet = (network(pool5, torch.full((1, 8, 3), size), *maps) for size in (100.0, 0.0))
    assert torch.equal(loud, quiet)
    assert torch.allclose(
        path.bias, path([path.mean[None, None, :-3], path.mean[None, None, -3:]], [None, None])
    )


def test_without_features_there_is_none():
    config = replace(SMALL, ridge=True, streams=TWO[2:])
    assert MimamoNet(config).ridge is None


def test_checkpoints_of_earlier_versions_do_not_say_it():
    assert "ridge" not in SMALL.as_dict()
    assert "ridge_level" not in SMALL.as_dict()
    assert NetworkConfig.from_dict(replace(SMALL, ridge=True).as_dict()).ridge
