import pytest
import torch

from mimamo.model.encoders import ConvBlock, stack_differences
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from support.network import SMALL, inputs, still, stream_features


@pytest.fixture(scope="module")
def golden(golden_network):
    return golden_network("time")


def test_golden_streams_and_output(golden):
    network, values = golden
    with torch.inference_mode():
        spatial, temporal = stream_features(network, values)
        output = network.head(torch.cat([spatial, temporal], dim=-1))
    assert output.shape == (2, 9, 2)
    for found, key in ((spatial, "spatial_features"), (temporal, "temporal_features")):
        torch.testing.assert_close(found, values[key], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(output, values["output_recurrent_over_time"], atol=1e-5, rtol=0)


def test_golden_output_notices_swapped_streams(golden):
    network, values = golden
    with torch.inference_mode():
        spatial, temporal = stream_features(network, values)
        output = network.head(torch.cat([temporal, spatial], dim=-1))
    assert (output - values["output_recurrent_over_time"]).abs().max() > 0.05


def test_paper_sizes_have_the_published_number_of_parameters():
    count = sum(parameter.numel() for parameter in MimamoNet(NetworkConfig()).parameters())
    assert 2.63e6 < count < 2.65e6


def test_each_frame_gets_its_own_differences_band_by_band():
    differences, time = 4, 3
    rows = torch.arange(time + differences - 1).float()
    level = torch.stack([rows, rows + 100], dim=-1)[None, :, :, None, None].expand(1, -1, -1, 2, 2)
    stacked = stack_differences(level, differences)[:, :, 0, 0]
    for t in range(time):
        assert stacked[t].tolist() == [*range(t, t + 4), *range(100 + t, 104 + t)]


def test_stacked_maps_equal_the_layout_of_the_golden_arrays(golden):
    """Windows cut from a run of maps give the same output as maps stacked beforehand."""
    network, _ = golden
    rng = torch.Generator().manual_seed(0)
    pool5 = torch.rand(1, 5, 2048, generator=rng)
    level1 = torch.randn(1, 16, 2, 48, 48, generator=rng)
    level2 = torch.randn(1, 16, 2, 24, 24, generator=rng)
    stacked = [
        torch.stack([level[:, t : t + 12].transpose(1, 2).flatten(1, 2) for t in range(5)], dim=1)
        for level in (level1, level2)
    ]
    with torch.inference_mode():
        _, temporal = network.stream_features(pool5, level1, level2)
        expected = network.temporal(*(level.flatten(0, 1) for level in stacked))
    assert temporal.shape == (1, 5, network.config.temporal_width)
    torch.testing.assert_close(temporal[0], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing(training):
    """A padded window gives the output of the same window alone, in evaluation and in training."""
    network = still("gru").train(training)
    pool5, level1, level2 = inputs(2, 6)
    valid = torch.ones(2, 6, dtype=torch.bool)
    valid[1, 4:] = False
    with torch.no_grad():
        clean = network(pool5, level1, level2, valid=valid)
        pool5[1, 4:], level1[1, 4 + 11 :], level2[1, 4 + 11 :] = 50.0, 50.0, 50.0
        dirty = network(pool5, level1, level2, valid=valid)
    assert clean.shape == (2, 6, 2)
    torch.testing.assert_close(clean[valid], dirty[valid])
    if not training:
        with torch.no_grad():
            alone = network(pool5[1:, :4], level1[1:, :15], level2[1:, :15])
        torch.testing.assert_close(alone[0], dirty[1, :4], atol=1e-6, rtol=1e-5)


def test_recurrence_is_over_time():
    """A frame's output depends on the other frames of its window, not on the batch's other windows."""
    torch.manual_seed(0)
    network = MimamoNet(SMALL).eval()
    pool5, level1, level2 = inputs(2, 5)
    changed = pool5.clone()
    changed[0, 4] += 3
    with torch.no_grad():
        before, after = network(pool5, level1, level2), network(changed, level1, level2)
    assert (before[0, 0] - after[0, 0]).abs().max() > 1e-6
    torch.testing.assert_close(before[1], after[1])


@pytest.mark.parametrize(("silent", "ignored"), [("motion", "level1"), ("appearance", "pool5")])
def test_a_silent_stream_is_ignored(silent, ignored):
    torch.manual_seed(0)
    network = MimamoNet(SMALL, {silent}).eval()
    given = dict(zip(("pool5", "level1", "level2"), inputs(1, 4), strict=True))
    with torch.no_grad():
        before = network(*given.values())
        assert torch.equal(before, network(*{**given, ignored: given[ignored] + 1}.values()))
        used = "pool5" if ignored == "level1" else "level1"
        assert not torch.equal(before, network(*{**given, used: given[used] * 2}.values()))


def test_bfloat16_convolutions_stay_close():
    torch.manual_seed(0)
    network = MimamoNet(SMALL).eval()
    with torch.no_grad():
        exact = network(*inputs(1, 6))
        network.temporal.bfloat16 = True
        rough = network(*inputs(1, 6))
    assert rough.dtype == torch.float32
    assert 0 < (exact - rough).abs().max() < 0.03


@pytest.mark.parametrize(("training", "momentum"), [(True, 0.1), (True, None), (False, 0.1)])
def test_biases_before_batch_norm_may_be_left_out(training, momentum):
    """As on a GPU: outputs, running statistics (moving ones, or means) and all other gradients stay."""
    torch.manual_seed(0)
    maps, blocks, found = torch.randn(6, 4, 12, 12), [ConvBlock(4, 8).train(training) for _ in range(2)], []
    blocks[1].load_state_dict(blocks[0].state_dict())
    for block, run in ((blocks[0], ConvBlock.forward), (blocks[1], ConvBlock.without_biases)):
        block[1].momentum = block[4].momentum = momentum
        run(block, 2 * maps + 1)
        outputs = run(block, maps)
        outputs.square().sum().backward()
        gradients = {
            n: p.grad for n, p in block.named_parameters() if "weight" in n or n in ("1.bias", "4.bias")
        }
        found.append({"outputs": outputs, **gradients, **dict(block.named_buffers())})
    for name, values in found[0].items():
        torch.testing.assert_close(found[1][name], values, rtol=1e-4, atol=1e-4, msg=name)


def test_a_person_far_from_all_others_moves_components_alone():
    """The spatial stream sees nothing of pool5 but the components."""
    torch.manual_seed(0)
    network = MimamoNet(NetworkConfig.from_dict({**SMALL.as_dict(), "pool5_components": 2})).eval()
    network.spatial.components.copy_(torch.eye(2, 16))
    pool5, level1, level2 = inputs(1, 3)
    with torch.inference_mode():
        expected = network(pool5, level1, level2)
        pool5[..., 2:] += 100
        assert torch.equal(network(pool5, level1, level2), expected)
        pool5[..., 0] += 1
        assert not torch.equal(network(pool5, level1, level2), expected)
