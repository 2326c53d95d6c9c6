import numpy as np
import pytest
import torch

from mimamo.dataset.labels import labels_by_name
from mimamo.dataset.recordings import DifferenceContext, WindowDataset, open_recordings, random_flip
from mimamo.dataset.windows import Window
from mimamo.errors import InputError
from support.fold import WIDTH, caches


def test_windows_carry_labels_padding_and_zeroed_differences(fold):
    recordings = open_recordings(["a"], caches(fold))
    labels = labels_by_name(fold / "labels", ["a"])
    item = WindowDataset([Window("a", 75, 5)], recordings, labels, length=8, differences=4)[0]
    assert item["valid"].tolist() == [True] * 5 + [False] * 3
    np.testing.assert_allclose(item["target"][:5, 0], labels["a"].values[-5:, 0])
    # Rows 0 … 10 are the differences of the frames 74 … 84; there are crops from 75 to 79 only.
    assert [bool(row.any()) for row in item["level1"]] == [False] + [True] * 5 + [False] * 5
    assert item["appearance"].shape == (8, WIDTH) and not item["appearance"][5:].any()


def test_difference_context_of_the_paper_is_five_before_and_six_after():
    # Thirteen frames t - 6 … t + 6 have twelve differences, filed under the frames t - 5 … t + 6.
    assert DifferenceContext.from_differences(12) == DifferenceContext(before=5, after=6)


def test_flips_mirror_whole_windows_and_negate_the_horizontal_band():
    batch = {
        "valid": torch.ones(40, 2, dtype=torch.bool),
        "level1": torch.arange(40 * 3 * 2 * 4 * 4.0).view(40, 3, 2, 4, 4),
        "level2": torch.ones(40, 3, 2, 2, 2),
    }
    torch.manual_seed(0)
    flipped = random_flip(batch)
    sign = torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)
    kinds = [
        "same" if torch.equal(new, old) else "mirrored" if torch.equal(new, old.flip(-1) * sign) else "other"
        for new, old in zip(flipped["level1"], batch["level1"], strict=True)
    ]
    assert set(kinds) == {"same", "mirrored"} and 8 < kinds.count("mirrored") < 32
    assert [bool((level < 0).any()) for level in flipped["level2"]] == [kind == "mirrored" for kind in kinds]


def test_missing_cache_is_told_in_a_sentence(fold):
    with pytest.raises(InputError, match=r"z: expected a cache z\.npy of appearance, found none"):
        open_recordings(["z"], caches(fold))


def test_in_a_bridged_hole_features_are_held_and_nothing_moves_or_counts(fold):
    recordings = open_recordings(["a"], caches(fold))
    labels = labels_by_name(fold / "labels", ["a"])
    frames, crops = labels["a"].frames, recordings["a"].frames
    (hole,) = np.flatnonzero(np.diff(frames) > 1)[:1]
    first, last = int(frames[hole]) - 1, int(frames[hole + 1]) + 1
    window = Window("a", first, last - first + 1)
    item = WindowDataset([window], recordings, labels, length=window.frames + 2, differences=4)[0]
    numbers = np.arange(first, last + 1)
    assert item["valid"].tolist() == [True] * window.frames + [False] * 2
    assert item["labelled"].tolist() == [*np.isin(numbers, frames).tolist(), False, False]
    assert not item["target"][~item["labelled"]].any()
    for row, number in enumerate(numbers):
        kept = int(crops[crops <= number].max())
        assert np.array_equal(item["appearance"][row], recordings["a"].values("appearance", kept, 1)[0])
        # Row 0 is that of the frame before the window's first.
        moved = bool(item["level1"][row + 1].any())
        assert not moved or number in crops
