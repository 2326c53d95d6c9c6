import torch

from mimamo.model.batch_norm import MaskedBatchNorm


def test_masked_batch_norm_equals_batch_norm_of_the_valid_frames():
    values, valid = torch.randn(10, 3) * 4 + 1, torch.arange(10) < 7
    masked, plain = MaskedBatchNorm(3), torch.nn.BatchNorm1d(3)
    found, expected = masked(values, valid), plain(values[valid])
    torch.testing.assert_close(found[valid], expected)
    torch.testing.assert_close(masked.running_var, plain.running_var)
    assert not found[~valid].any()
