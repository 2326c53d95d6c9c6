"""Published checkpoints, converted: nothing left out, both axes, and predictions without training."""

import hashlib

import numpy as np
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.cli import main
from mimamo.dataset.recordings import DifferenceContext, open_recordings
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.inference import predict_recording
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.own_data.published import RENAMED, SPATIAL, UNUSED
from mimamo.storage.files import read_csv
from support.commands import sentence
from support.corpus import write_pictures
from support.fold import FEATURES, FRAMES, WIDTH, caches, make_fold
from support.network import stream_features

SMALL = NetworkConfig(
    spatial_width=8, temporal_channels=(4, 6, 10), temporal_width=12, fusion_width=14, recurrent_width=5,
    standardise_pool5=False,
)  # fmt: skip


def published_from(network: MimamoNet) -> dict[str, torch.Tensor]:
    """The state of a network under the published names."""
    state = {f"{UNUSED}0.weight": torch.zeros(1, 3), f"{UNUSED}0.bias": torch.zeros(1)}
    for name, value in network.state_dict().items():
        for old, new in RENAMED.items():
            if name.startswith(f"{new}."):
                state[old + name.removeprefix(new)] = value
    return state


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(4)
    network = MimamoNet(SMALL).eval()
    for name, value in network.state_dict().items():
        if "norm" in name or ".1." in name or ".4." in name:
            value.copy_(torch.rand(value.shape) / 2 + (0.5 if name.endswith(("weight", "var")) else 0))
    return network


@pytest.fixture
def state(network):
    return published_from(network)


def convert(folder, state, *options, **entries):
    """Run the command on a file with this state; the exit code and the two paths."""
    published, out = folder / "published.pth.tar", folder / "model.pt"
    torch.save({"state_dict": state, "epoch": 7, **entries}, published)
    return main(["convert", str(published), str(out), *options]), published, out


AXES = {"time": "output_recurrent_over_time", "batch": "output_as_published_recurrent_over_batch"}


@pytest.mark.parametrize("recurrence", AXES)
def test_golden_output_of_either_axis(golden_network, recurrence):
    network, values = golden_network(recurrence)
    assert network.config == NetworkConfig(standardise_pool5=False, recurrence=recurrence)
    with torch.inference_mode():
        output = network.head(torch.cat(stream_features(network, values), dim=-1))
    torch.testing.assert_close(output, values[AXES[recurrence]], atol=1e-5, rtol=0)
    (other,) = set(AXES) - {recurrence}
    assert (output - values[AXES[other]]).abs().max() > 0.01


def test_every_entry_of_the_published_file_is_known(published_state):
    prefixes = [*(f"{old}." for old in RENAMED), UNUSED]
    assert all(sum(name.startswith(prefix) for prefix in prefixes) == 1 for name in published_state)
    assert all(any(name.startswith(prefix) for name in published_state) for prefix in prefixes)


def test_a_converted_checkpoint_is_the_same_network_and_says_what_it_is(network, state, tmp_path, capsys):
    status, published, out = convert(tmp_path, state, "--recurrence", "batch", arch="MIMAMO")
    assert status == 0
    said = capsys.readouterr().err
    assert "the published training handed" in said.lower() and "recurred over the batch" in said
    assert "phase differences of the published code" in said
    found = load_checkpoint(out)
    assert found.network.state_dict().keys() == network.state_dict().keys()
    assert all(torch.equal(v, network.state_dict()[k]) for k, v in found.network.state_dict().items())
    assert found.network.config == NetworkConfig(**{**vars(SMALL), "dropout": 0.3, "recurrence": "batch"})
    assert (found.epoch, found.fold, found.training["window"]) == (7, None, 64)
    assert found.spatial == SPATIAL and found.spatial["weights"] == "ferplus"
    (record,) = found.features.values()
    assert (record["form"], record["input_size"], record["resize"]) == (
        "caffe",
        224,
        256,
    )
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert (found.origin["published"], found.origin["sha256"]) == (published.name, digest)


def test_time_is_followed_unless_said(state, tmp_path):
    _, _, out = convert(tmp_path, state)
    assert load_checkpoint(out).network.config.recurrence == "time"


def test_outputs_are_taken_by_name(state, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, order in zip(folders, ("valence,arousal", "arousal,valence"), strict=True):
        folder.mkdir()
        assert convert(folder, state, "--outputs", order)[0] == 0
    one, two = (load_checkpoint(folder / "model.pt").network for folder in folders)
    features = torch.randn(2, 6, 20, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        first, second = one.head(features), two.head(features)
    assert (first[..., 0] - first[..., 1]).abs().min() > 1e-4
    torch.testing.assert_close(first.flip(-1), second)


def test_a_network_from_several_gpus_and_an_old_one_are_read(state, tmp_path):
    convert(tmp_path, state)
    expected = (tmp_path / "model.pt").read_bytes()
    wrapped = {f"module.{name}": v for name, v in state.items() if "num_batches_tracked" not in name}
    assert convert(tmp_path, wrapped)[0] == 0
    one = load_checkpoint(tmp_path / "model.pt").network.state_dict()
    (tmp_path / "model.pt").write_bytes(expected)
    two = load_checkpoint(tmp_path / "model.pt").network.state_dict()
    assert all(torch.equal(one[name], two[name]) for name in two if "num_batches" not in name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda state: state.pop("rnns.bias_hh_l1_reverse"), "1 missing: recurrent.bias_hh_l1_reverse"),
        (lambda state: state.pop("mlp.mlp.1.weight"), "none of the right kind for spatial.linear1.weight"),
        (lambda state: state.update({"gcn.0.weight": torch.zeros(1)}), "found 1 others: gcn.0.weight"),
        (lambda state: state.update({"rnns.extra": torch.zeros(1)}), "1 left over: recurrent.extra"),
        (lambda state: state.update({"transform.0.bias": torch.zeros(3)}), "1 of another shape: fuse.bias"),
        (lambda state: state.update({"transform.0.bias": 3}), "expected tensors by name in state_dict"),
        (lambda state: state.clear(), "none of the right kind for"),
    ],
)
def test_what_does_not_fit_is_listed(state, tmp_path, capsys, change, told):
    change(state)
    status, _, out = convert(tmp_path, state)
    assert status == 1 and told in sentence(capsys) and not out.exists()


def test_other_files_and_orders_are_refused_in_a_sentence(state, tmp_path, capsys):
    assert convert(tmp_path, state, "--outputs", "valence,valence")[0] == 2
    assert "--outputs should name valence and arousal" in sentence(capsys)
    torch.save(state, tmp_path / "bare.pth")
    assert main(["convert", str(tmp_path / "bare.pth"), str(tmp_path / "out.pt")]) == 1
    assert "bare.pth: expected a dict with state_dict and epoch" in sentence(capsys)
    with pytest.raises(SystemExit) as ended:
        convert(tmp_path, state, "--recurrence", "frames")
    assert ended.value.code == 2
    torch.save({"state_dict": state, "epoch": 7}, tmp_path / "published.pth")
    crops = write_pictures(tmp_path / "crops", {"a": [1]})
    status = main(["predict", str(crops), "--models", str(tmp_path / "published.pth"), "--out", "o.csv"])
    assert status == 1
    assert "mimamo convert" in sentence(capsys)


# Prediction -----------------------------------------------------------------------------------------------


def test_over_the_batch_a_frame_hears_of_its_place_in_the_other_windows(tmp_path):
    make_fold(tmp_path)
    recording = open_recordings(["a"], caches(tmp_path))["a"]
    torch.manual_seed(0)
    sizes = {**vars(SMALL), "pool5_width": WIDTH, "differences": 4, "recurrence": "batch"}
    network = MimamoNet(NetworkConfig(**sizes)).eval()
    frames, values = predict_recording(network, recording, window=16, hop=8)
    assert FEATURES and frames.tolist() == FRAMES.tolist()
    # The run of the frames 45 … 69 has three windows, the last of which ends with it.
    starts, found = (45, 53, 54), values[(frames >= 45) & (frames < 70)]
    with torch.inference_mode():
        inputs = []
        for start in starts:
            maps = DifferenceContext.from_differences(4).read(recording, start, 16)
            given = (
                torch.from_numpy(v.copy())[None] for v in (recording.values("appearance", start, 16), *maps)
            )
            inputs.append(torch.cat(network.stream_features(*given), -1)[0])
        fused = network.fuse_norm(network.fuse(torch.stack(inputs).flatten(0, 1)).relu()).unflatten(
            0, (3, 16)
        )
        total, count = np.zeros((25, 2)), np.zeros((25, 1))
        for place in range(16):
            # A sequence of three windows for every place in them.
            hidden = network.recurrent(fused[:, place][None])
            output = network.output_norm(network.output(hidden[0])).numpy()
            for window, start in enumerate(starts):
                total[start - 45 + place] += output[window]
                count[start - 45 + place] += 1
    np.testing.assert_allclose(found, total / count, atol=1e-5)
    # A run of one window hears of nothing but each frame itself.
    alone = frames >= 75
    one_by_one = [predict_recording(network, recording, 1, 1, frames[alone][i : i + 1])[1] for i in range(5)]
    np.testing.assert_allclose(values[alone], np.concatenate(one_by_one), atol=1e-5)


def test_a_converted_network_predicts_crops_without_training(state, ferplus_file, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".cache" / "mimamo").mkdir(parents=True)
    (tmp_path / ".cache" / "mimamo" / ferplus_file.name).symlink_to(ferplus_file)
    crops = write_pictures(tmp_path / "crops", {"105": [1, 2, 3, 5]})
    _, _, out = convert(tmp_path, state, "--recurrence", "batch")
    assert main(["predict", str(crops), "--models", str(out), "--out", str(tmp_path / "out.csv")]) == 0
    values = read_csv(tmp_path / "out.csv")[list(DIMENSIONS)]
    assert len(values) == 5 and (values.abs() < 1).all(axis=None) and (values.nunique() == 4).all()


def test_features_of_another_width_are_told(state, tmp_path):
    from mimamo.errors import InputError

    make_fold(tmp_path)
    recording = open_recordings(["a"], caches(tmp_path))["a"]
    _, _, out = convert(tmp_path, state)
    with pytest.raises(InputError, match=r"expected features of 2048 values, .* found 12"):
        predict_recording(load_checkpoint(out).network, recording, 16, 8)
