import pytest
import torch

from mimamo.model.batch_norm import MaskedBatchNorm
from mimamo.model.heads import HEADS
from mimamo.model.network import MimamoNet, NetworkConfig, around_each_frame

SMALL = NetworkConfig(
    pool5_width=16,
    spatial_width=8,
    temporal_channels=(4, 4, 4),
    temporal_width=8,
    fusion_width=8,
    recurrent_width=4,
)


@pytest.fixture(scope="module")
def golden(golden_network):
    return golden_network("time")


def stream_features(network: MimamoNet, values: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Feed the golden arrays, which hold the maps of each frame already stacked."""
    spatial = network.spatial(values["pool5"].flatten(0, 1)).unflatten(0, (2, 9))
    levels = (values[f"phase_level{level}"].flatten(0, 1) for level in (1, 2))
    return spatial, network.temporal(*levels).unflatten(0, (2, 9))


def test_golden_streams_and_output(golden):
    network, values = golden
    with torch.inference_mode():
        spatial, temporal = stream_features(network, values)
        output = network.head(torch.cat([spatial, temporal], dim=-1))
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
    stacked = around_each_frame(level, differences)[:, :, 0, 0]
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
    torch.testing.assert_close(temporal[0], expected, atol=1e-5, rtol=1e-5)


def inputs(batch: int, time: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    rng = torch.Generator().manual_seed(seed)
    return (
        torch.randn(batch, time, 16, generator=rng),
        torch.randn(batch, time + 11, 2, 48, 48, generator=rng),
        torch.randn(batch, time + 11, 2, 24, 24, generator=rng),
    )


@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing(training):
    """A padded window gives the output of the same window alone, in evaluation and in training."""
    torch.manual_seed(0)
    network = MimamoNet(
        NetworkConfig.from_dict(
            {**SMALL.as_dict(), "dropout": 0.0, "fusion_dropout": 0.0, "map_dropout": 0.0}
        )
    ).train(training)
    pool5, level1, level2 = inputs(2, 6)
    valid = torch.ones(2, 6, dtype=torch.bool)
    valid[1, 4:] = False
    with torch.no_grad():
        clean = network(pool5, level1, level2, valid)
        pool5[1, 4:], level1[1, 4 + 11 :], level2[1, 4 + 11 :] = 50.0, 50.0, 50.0
        dirty = network(pool5, level1, level2, valid)
    torch.testing.assert_close(clean[valid], dirty[valid])
    if not training:
        with torch.no_grad():
            alone = network(pool5[1:, :4], level1[1:, :15], level2[1:, :15])
        torch.testing.assert_close(alone[0], dirty[1, :4], atol=1e-6, rtol=1e-5)


def test_masked_batch_norm_equals_batch_norm_of_the_valid_frames():
    values, valid = torch.randn(10, 3) * 4 + 1, torch.arange(10) < 7
    masked, plain = MaskedBatchNorm(3), torch.nn.BatchNorm1d(3)
    found, expected = masked(values, valid), plain(values[valid])
    torch.testing.assert_close(found[valid], expected)
    torch.testing.assert_close(masked.running_var, plain.running_var)
    assert not found[~valid].any()


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


@pytest.mark.parametrize(("streams", "ignored"), [("spatial", "level1"), ("temporal", "pool5")])
def test_a_single_stream_ignores_the_other(streams, ignored):
    torch.manual_seed(0)
    network = MimamoNet(SMALL, streams).eval()
    given = dict(zip(("pool5", "level1", "level2"), inputs(1, 4), strict=True))
    with torch.no_grad():
        before = network(**given)
        assert torch.equal(before, network(**{**given, ignored: given[ignored] + 1}))
        used = "pool5" if ignored == "level1" else "level1"
        assert not torch.equal(before, network(**{**given, used: given[used] * 2}))


def test_bfloat16_convolutions_stay_close():
    torch.manual_seed(0)
    network = MimamoNet(SMALL).eval()
    with torch.no_grad():
        exact = network(*inputs(1, 6))
        network.temporal.bfloat16 = True
        rough = network(*inputs(1, 6))
    assert rough.dtype == torch.float32
    assert 0 < (exact - rough).abs().max() < 0.03


def still(head: str) -> MimamoNet:
    """A small network without dropout."""
    off = {"dropout": 0.0, "fusion_dropout": 0.0, "map_dropout": 0.0}
    torch.manual_seed(0)
    return MimamoNet(NetworkConfig.from_dict({**SMALL.as_dict(), **off, "head": head}))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing_for_any_head(head, training):
    network = still(head).train(training)
    pool5, level1, level2 = inputs(2, 6)
    valid = torch.ones(2, 6, dtype=torch.bool)
    valid[1, 4:] = False
    outputs = []
    for dirt in (0.0, 50.0):
        pool5[1, 4:], level1[1, 4 + 11 :], level2[1, 4 + 11 :] = dirt, dirt, dirt
        outputs.append(network(pool5, level1, level2, valid)[valid])
    torch.testing.assert_close(outputs[0], outputs[1])
    outputs[1].sum().backward()
    assert all(
        torch.isfinite(parameter.grad).all()
        for parameter in network.parameters()
        if parameter.grad is not None
    )
    if not training:
        alone = network(pool5[1:, :4], level1[1:, :15], level2[1:, :15])
        torch.testing.assert_close(alone[0], outputs[1][6:], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_but_none_looks_at_other_frames_of_its_window(head):
    """And at those of no other window."""
    network = still(head).eval()
    pool5, level1, level2 = inputs(2, 6)
    with torch.no_grad():
        before = network(pool5, level1, level2)
        pool5[0, 3] += 1.0
        moved = (network(pool5, level1, level2) - before).abs().amax(2) > 1e-7
    assert moved[0, 3] and not moved[1].any()
    assert (moved[0, 2] and moved[0, 4]) == (head != "none")


def test_transformer_knows_the_order_of_its_frames():
    """Attention alone does not."""
    network = still("transformer").eval()
    pool5, level1, level2 = inputs(1, 6)
    level1[:], level2[:] = 0, 0
    with torch.no_grad():
        forward, backward = network(pool5, level1, level2), network(pool5.flip(1), level1, level2)
    assert (forward - backward.flip(1)).abs().max() > 1e-4
