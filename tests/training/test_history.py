import torch

from mimamo.training.history import EpochStatistics


def test_statistics_of_an_epoch_are_saved_and_read_again():
    """Steps of different sizes, and none at all."""
    statistics = EpochStatistics(0.5)
    assert EpochStatistics.from_state(statistics.state(), torch.device("cpu")) == statistics
    for frames in (3, 1, 4):
        statistics.add(torch.rand(()), torch.rand(frames, 2), torch.rand(frames, 2))
    found = EpochStatistics.from_state(statistics.state(), torch.device("cpu"))
    assert found.rate == 0.5 and found.step_losses() == statistics.step_losses()
    for field in ("truth", "output"):
        for mine, theirs in zip(getattr(found, field), getattr(statistics, field), strict=True):
            assert torch.equal(mine, theirs)
    assert all(isinstance(value, float | list | torch.Tensor) for value in statistics.state().values())
