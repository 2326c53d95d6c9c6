import numpy as np
import pandas as pd
import pytest
import torch
from small_fold import FRAMES, WIDTH, make_fold, train_small

from mimamo import DIMENSIONS
from mimamo.dataset.fold_data import pool5_statistics, read_fold
from mimamo.dataset.recordings import (
    Context,
    WindowDataset,
    flipped_at_random,
    labels_by_name,
    open_recordings,
)
from mimamo.dataset.windows import Window
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.heads import HEADS
from mimamo.model.inference import predict_fold, predict_recording
from mimamo.model.network import MimamoNet, NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.loop import concordance_loss, epoch_batches, make_optimiser


@pytest.fixture(scope="module")
def fold(tmp_path_factory):
    root = tmp_path_factory.mktemp("fold")
    make_fold(root)
    return root


def run(fold, out, **training):
    train_small(fold, out, **training)
    return load_checkpoint(out / "model.pt"), pd.read_csv(out / "history.csv")


@pytest.fixture(scope="module")
def trained(fold, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    torch.set_num_threads(1)
    return *run(fold, out, epochs=14, patience=14), out


def test_training_learns_both_dimensions(fold, trained):
    checkpoint, history, _ = trained
    recordings = open_recordings(["e"], [fold / "phase"], [fold / "features"])
    labels = labels_by_name(fold / "labels", ["e"])["e"]
    _, values = predict_recording(checkpoint.network, recordings["e"], 16, 8, labels.frames)
    for i, dimension in enumerate(DIMENSIONS):
        assert concordance(labels.values[:, i], values[:, i]).value > 0.5, dimension
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.5


@pytest.mark.parametrize("head", sorted(set(HEADS) - {"gru"}))
def test_every_head_learns_and_is_in_the_checkpoint(fold, tmp_path, head):
    checkpoint, history = run(fold, tmp_path, head=head, epochs=6)
    assert checkpoint.network.config.head == head
    assert isinstance(checkpoint.network.recurrent, HEADS[head])
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.3
    recordings = open_recordings(["e"], [fold / "phase"], [fold / "features"])
    frames, values = predict_recording(checkpoint.network, recordings["e"], 16, 8)
    assert frames.tolist() == FRAMES.tolist() and np.isfinite(values).all()


def test_the_same_training_gives_the_same_bytes(fold, tmp_path):
    for out in ("one", "two"):
        run(fold, tmp_path / out)
    for file in ("model.pt", "history.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    run(fold, tmp_path / "three", seed=1)
    assert (tmp_path / "one" / "history.csv").read_bytes() != (
        tmp_path / "three" / "history.csv"
    ).read_bytes()


def test_checkpoint_holds_the_best_epoch_and_its_configuration(trained):
    checkpoint, history, _ = trained
    stop = history[["stop_ccc_valence", "stop_ccc_arousal"]].mean(axis=1)
    assert checkpoint.epoch == history["epoch"][stop.idxmax()]
    assert checkpoint.training["window"] == 16 and checkpoint.spatial == {"weights": "random"}
    assert checkpoint.network.config.pool5_width == WIDTH


def test_training_stops_when_the_stop_names_get_no_better(fold, tmp_path):
    checkpoint, history = run(fold, tmp_path, epochs=30, patience=1, learning_rate=1e-8)
    assert len(history) == checkpoint.epoch + 1 < 30


def test_training_never_opens_the_names_it_is_scored_on(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", [fold / "phase"], [fold / "features"])
    assert (data.train, data.stop) == (["a", "b", "c"], ["d"])
    assert set(data.recordings) == set(data.labels) == {"a", "b", "c", "d"}


def test_predictions_cover_every_crop_once_by_role(fold, trained, tmp_path):
    *_, out = trained
    audit = pd.DataFrame(
        [
            {"name": n, "subset": "test" if n == "d" else "train", "verdict": "ok", "reason": ""}
            for n in "abcde"
        ]
    )
    from mimamo.audit.tables import COLUMNS

    audit.reindex(columns=list(COLUMNS)).to_csv(tmp_path / "audit.csv", index=False)
    predict_fold(
        0,
        out / "model.pt",
        fold / "folds.csv",
        tmp_path / "audit.csv",
        [fold / "phase"],
        [fold / "features"],
        tmp_path / "out.csv",
    )
    table = pd.read_csv(tmp_path / "out.csv")
    assert table.groupby(["name", "role"])["frame"].agg(list).to_dict() == {
        ("d", "test"): FRAMES.tolist(),
        ("e", "score"): FRAMES.tolist(),
    }
    assert np.isfinite(table[list(DIMENSIONS)]).all(axis=None)


def test_overlapping_windows_are_averaged(fold, trained):
    """Computed the slow way: every window through the whole network, outputs summed frame by frame."""
    checkpoint, _, _ = trained
    recording = open_recordings(["e"], [fold / "phase"], [fold / "features"])["e"]
    frames, values = predict_recording(checkpoint.network, recording, 16, 8)
    total, count = np.zeros((len(frames), 2)), np.zeros((len(frames), 1))
    for first, starts, length in ((3, (0, 8, 16, 21), 16), (45, (0, 8, 9), 16), (75, (0,), 5)):
        for start in starts:
            maps = Context.of(4).read(recording, first + start, length)
            given = [
                torch.from_numpy(v.copy())[None] for v in (recording.pool5(first + start, length), *maps)
            ]
            with torch.inference_mode():
                output = checkpoint.network(*given)[0].numpy()
            rows = np.searchsorted(frames, first + start) + np.arange(length)
            total[rows], count[rows] = total[rows] + output, count[rows] + 1
    assert count.min() == 1 and count.max() == 3
    np.testing.assert_allclose(values, total / count, atol=1e-5)


def test_windows_carry_labels_padding_and_zeroed_differences(fold):
    recordings = open_recordings(["a"], [fold / "phase"], [fold / "features"])
    labels = labels_by_name(fold / "labels", ["a"])
    item = WindowDataset([Window("a", 75, 5)], recordings, labels, length=8, differences=4)[0]
    assert item["valid"].tolist() == [True] * 5 + [False] * 3
    np.testing.assert_allclose(item["target"][:5, 0], labels["a"].values[-5:, 0])
    # Rows 0 … 10 are the differences of the frames 74 … 84; there are crops from 75 to 79 only.
    assert [bool(row.any()) for row in item["level1"]] == [False] + [True] * 5 + [False] * 5
    assert item["pool5"].shape == (8, WIDTH) and not item["pool5"][5:].any()


def test_difference_context_of_the_paper_is_five_before_and_six_after():
    # Thirteen frames t - 6 … t + 6 have twelve differences, filed under the frames t - 5 … t + 6.
    assert Context.of(12) == Context(before=5, after=6)


def test_flips_mirror_whole_windows_and_negate_the_horizontal_band():
    batch = {
        "valid": torch.ones(40, 2, dtype=torch.bool),
        "level1": torch.arange(40 * 3 * 2 * 4 * 4.0).view(40, 3, 2, 4, 4),
        "level2": torch.ones(40, 3, 2, 2, 2),
    }
    torch.manual_seed(0)
    flipped = flipped_at_random(batch)
    sign = torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)
    kinds = [
        "same" if torch.equal(new, old) else "mirrored" if torch.equal(new, old.flip(-1) * sign) else "other"
        for new, old in zip(flipped["level1"], batch["level1"], strict=True)
    ]
    assert set(kinds) == {"same", "mirrored"} and 8 < kinds.count("mirrored") < 32
    assert [bool((level < 0).any()) for level in flipped["level2"]] == [kind == "mirrored" for kind in kinds]


def test_an_epoch_has_every_window_once_and_drops_only_a_small_rest():
    batches = epoch_batches(windows=43, batch_size=8, seed=0, epoch=1)
    assert [len(batch) for batch in batches] == [8] * 5
    assert len({window for batch in batches for window in batch}) == 40
    kept = epoch_batches(windows=45, batch_size=8, seed=0, epoch=1)
    assert sorted(window for batch in kept for window in batch) == list(range(45))
    assert epoch_batches(3, 8, seed=0, epoch=1) != epoch_batches(3, 8, seed=0, epoch=4)
    assert len(epoch_batches(3, 8, seed=0, epoch=1)) == 1


def test_loss_is_minus_the_sum_of_both_concordances():
    rng = np.random.default_rng(0)
    truth, guess = rng.normal(size=(2, 50, 2))
    expected = -sum(concordance(truth[:, i], guess[:, i]).value for i in range(2))
    assert concordance_loss(torch.tensor(guess), torch.tensor(truth)).item() == pytest.approx(
        expected, abs=1e-9
    )
    constant = torch.full((50, 2), 0.3, requires_grad=True)
    concordance_loss(constant, torch.full((50, 2), 0.3)).backward()
    assert torch.isfinite(constant.grad).all()


def test_pool5_statistics_are_those_of_the_labelled_training_frames(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", [fold / "phase"], [fold / "features"])
    mean, spread = pool5_statistics(data.train, data)
    values = np.concatenate(
        [np.load(fold / "features" / f"{name}.npy")["pool5"][FRAMES > 5] for name in "abc"]
    )
    np.testing.assert_allclose(mean, values.astype(float).mean(0), atol=1e-5)
    expected = np.maximum(values.astype(float).std(0), 0.01 * values.astype(float).std(0).mean())
    np.testing.assert_allclose(spread, expected, rtol=1e-4)


def test_published_schedule_falls_tenfold_at_its_epochs():
    config = TrainingConfig(milestones=(2, 3))
    optimiser, schedule = make_optimiser(MimamoNet(NetworkConfig(pool5_width=4)), config, steps_per_epoch=5)
    rates = []
    for _ in range(20):
        rates.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    np.testing.assert_allclose(rates, [1e-3] * 10 + [1e-4] * 5 + [1e-5] * 5)
    assert optimiser.param_groups[0]["momentum"] == 0.9 and optimiser.param_groups[0]["weight_decay"] == 5e-4


def test_missing_cache_is_told_in_a_sentence(fold):
    with pytest.raises(InputError, match=r"z: expected a cache z\.npy of phase differences, found none"):
        open_recordings(["z"], [fold / "phase"], [fold / "features"])


@pytest.mark.parametrize("content", [b"", b"no checkpoint", {"weights": {}}, {"format": 1}, [1]])
def test_anything_but_a_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "model.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(InputError, match=r"model\.pt: expected a checkpoint"):
        load_checkpoint(path)


def test_weights_that_do_not_fit_their_own_network_are_told(trained, tmp_path):
    *_, out = trained
    content = torch.load(out / "model.pt", weights_only=True)
    content["weights"]["fuse.bias"] = torch.zeros(3)
    del content["weights"]["output.bias"]
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(InputError, match=r"1 missing: output\.bias; 1 of another shape: fuse\.bias"):
        load_checkpoint(tmp_path / "model.pt")
