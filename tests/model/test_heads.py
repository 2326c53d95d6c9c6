import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from mimamo.model.heads import HEADS
from support.network import inputs, still


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
        outputs.append(network(pool5, level1, level2, valid=valid)[valid])
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


@pytest.mark.parametrize("sizes", [(6, 6), (6, 3)], ids=["whole", "padded"])
def test_gru_gives_the_same_layer_by_layer(sizes):
    """As on a GPU, where torch's own call would draw dropout that no seed determines."""
    head = HEADS["gru"](5, 8, 0.3).eval()
    values = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(0))
    packed = pack_padded_sequence(values, torch.tensor(sizes), batch_first=True)
    if sizes[1] == 6:
        torch.testing.assert_close(head.layer_by_layer(values), head(values))
    torch.testing.assert_close(head.layer_by_layer(packed).data, torch.nn.GRU.forward(head, packed)[0].data)


def test_gru_layer_by_layer_drops_out_by_the_seed():
    head = HEADS["gru"](5, 8, 0.5).train()
    values = torch.randn(2, 6, 5)
    drawn = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        drawn.append(head.layer_by_layer(values))
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    torch.manual_seed(0)
    torch.testing.assert_close(drawn[0], head(values))
