"""Networks of other streams than the paper's two: masks, widths, and fusion by attention."""

import pytest
import torch

from mimamo.model.fusion import AttentionFusion
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import PAPER_STREAMS, NetworkConfig, StreamSizes
from support.network import SMALL, inputs

VOICE = StreamSizes("voice", inputs=4, width=6, dropout=0.0)


def network_of(*streams: StreamSizes, **sizes) -> MimamoNet:
    """A small network over some streams, in evaluation mode."""
    torch.manual_seed(0)
    described = [*map(vars, streams)]
    return MimamoNet(NetworkConfig.from_dict({**SMALL.as_dict(), "streams": described, **sizes})).eval()


def three(**sizes) -> tuple[MimamoNet, list[torch.Tensor]]:
    """A network of three streams, and what it reads."""
    appearance, motion = PAPER_STREAMS
    pool5, *levels = inputs(2, 8)
    voice = torch.randn(2, 8, 4, generator=torch.Generator().manual_seed(1))
    return network_of(appearance, VOICE, motion, **sizes), [pool5, voice, *levels]


def test_the_papers_network_has_the_names_and_values_that_it_had():
    torch.manual_seed(0)
    paper = MimamoNet(SMALL)
    named = network_of(*PAPER_STREAMS)
    assert paper.state_dict().keys() == named.state_dict().keys()
    assert {key.split(".")[0] for key in paper.state_dict()} == {
        "spatial", "temporal", "fuse", "fuse_norm", "recurrent", "output", "output_norm",
    }  # fmt: skip
    for key, value in paper.state_dict().items():
        assert torch.equal(value, named.state_dict()[key]), key


def test_every_stream_has_its_own_width_and_weights():
    network, given = three()
    assert network.widths == [8, 6, 8] and network.fuse.in_features == 22
    assert network.stream_voice.linear1.weight.shape == (6, 4) and network.stream_voice.drop.p == 0
    with torch.no_grad():
        before = network(*given)
        for place in range(4):
            changed = [values * 2 if i == place else values for i, values in enumerate(given)]
            assert not torch.equal(network(*changed), before), place


@pytest.mark.parametrize("alone", [*PAPER_STREAMS, VOICE], ids=lambda stream: stream.name)
def test_a_single_stream_is_a_network(alone):
    network, given = network_of(alone), three()[1]
    own = {"appearance": given[:1], "voice": given[1:2], "motion": given[2:]}[alone.name]
    assert network(*own).shape == (2, 8, 2)
    assert (network.temporal is None) == (alone.name != "motion")


@pytest.mark.parametrize("fusion", ["concat", "attention"])
@pytest.mark.parametrize("training", [False, True])
def test_masked_frames_of_a_stream_are_not_seen(fusion, training):
    off = {"dropout": 0.0, "fusion_dropout": 0.0, "map_dropout": 0.0}
    network, given = three(fusion=fusion, **off)
    network.train(training)
    present = {"voice": torch.ones(2, 8, dtype=torch.bool)}
    present["voice"][0, 3:6] = False
    with torch.no_grad():
        before = network(*given, present=present)
        given[1][0, 3:6] = 100.0
        assert torch.equal(network(*given, present=present), before)
        given[1][0, 2] = 100.0
        assert not torch.equal(network(*given, present=present), before)
        nowhere = network.stream_features(*given, present={"voice": torch.zeros(2, 8, dtype=torch.bool)})[1]
    assert nowhere.shape == (2, 8, 6) and not nowhere.any()


def test_a_batch_with_one_frame_of_a_stream_or_none_can_be_trained_on():
    network, given = three()
    network.train()
    for count in (0, 1, 2):
        present = torch.zeros(2, 8, dtype=torch.bool)
        present[0, :count] = True
        valid = torch.ones(2, 8, dtype=torch.bool)
        output = network(*given, valid=valid, present={"voice": present})
        output.sum().backward()
        assert output.isfinite().all()
        assert all(value.isfinite().all() for value in network.state_dict().values())


def test_attention_weights_streams_in_every_frame_and_leaves_out_those_that_are_masked():
    torch.manual_seed(0)
    fusion = AttentionFusion([3, 5, 4], 8)
    features = torch.randn(6, 12)
    features[1, 3:8] = 0
    features[2] = 0
    weights = fusion.weights(features)
    assert weights.shape == (6, 3) and torch.allclose(weights.sum(1), torch.ones(6))
    assert weights[1, 1] == 0 and (weights[0] > 0).all()
    # By torch's own attention over the streams of a frame.
    streams = [
        enter(part) for enter, part in zip(fusion.enter, features[:1].split([3, 5, 4], 1), strict=True)
    ]
    keys = torch.stack(streams, 1)
    expected, _ = fusion.attend(fusion.query, keys, keys)
    torch.testing.assert_close(fusion(features)[:1], expected[:, 0])
    assert fusion(features)[2].isfinite().all()


def test_windows_drop_streams_in_training_but_never_all():
    network, _ = three()
    network.stream_dropout = 0.7
    features = [torch.ones(200, 8, width) for width in network.widths]
    assert all(torch.equal(*pair) for pair in zip(network._dropped(features), features, strict=True))
    network.train()
    torch.manual_seed(0)
    kept = torch.stack([values[..., 0] for values in network._dropped(features)], dim=-1)
    assert (kept == kept[:, :1]).all() and kept.sum(-1).min() == 1
    # Three of ten stay, and of those windows in which none did one does.
    assert 0.3 < kept.mean() < 0.5
    network.stream_dropout = 0.0
    assert all(torch.equal(*pair) for pair in zip(network._dropped(features), features, strict=True))
