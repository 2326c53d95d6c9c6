import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mimamo.corpus.crops import read_crop
from mimamo.errors import InputError
from mimamo.phase.cache import phase_batch
from mimamo.phase.differences import PhaseDifference, flip, stream_differences
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import build_filters, load_filters, save_filters, transfer_functions
from mimamo.storage.frame_cache import open_cache

LEVELS = ("level1", "level2")


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def filters():
    return build_filters()


@pytest.fixture(scope="module")
def single(filters):
    return PhaseDifference(filters)


@pytest.fixture(scope="module")
def double(filters):
    return PhaseDifference(filters, torch.float64)


@pytest.fixture(scope="module")
def golden(shared):
    path = shared / "golden" / "phase_pyramid.npz"
    if not path.exists():
        pytest.skip(f"no {path.name} in the folder {path.parent.name} beside the project")
    with np.load(path) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def faces(golden):
    return torch.from_numpy(golden["frames_48"]).double() / 255


def random_frames(count, seed=0):
    """Noise with a face's spectrum: large patterns are strong, and nothing jumps between frames."""
    rng = np.random.default_rng(seed)
    fast, slow = rng.normal(size=(count, 48, 48)), rng.normal(size=(48, 48))
    frames = [cv2.GaussianBlur(slow * 4 + picture, (0, 0), 1) for picture in fast]
    return torch.from_numpy(np.clip(np.stack(frames) / 8 + 0.5, 0, 1))


# The pyramid ---------------------------------------------------------------------------------------------


def mirrored(frames):
    frames = np.concatenate([frames, np.flip(frames, -1)], -1)
    return np.concatenate([frames, np.flip(frames, -2)], -2)


def pyrtools_coefficients(frame):
    from pyrtools.pyramids import SteerablePyramidFreq

    answer = SteerablePyramidFreq(mirrored(frame), height=2, order=1, is_complex=True).pyr_coeffs
    return [
        np.stack([answer[level, band] for band in (0, 1)])[:, :size, :size]
        for level, size in enumerate((48, 24))
    ]


def fourier_coefficients(frames, filters):
    """The pyramid by Fourier transform of the whole mirrored image, as one would write it down first."""
    spectrum = np.fft.fft2(mirrored(frames))[:, None]
    level1 = np.fft.ifft2(spectrum * transfer_functions(filters.level1))
    kept = np.r_[0:24, 72:96]
    level2 = np.fft.ifft2(spectrum[..., kept[:, None], kept] * transfer_functions(filters.level2))
    return level1[..., :48, :48], level2[..., :24, :24]


def plain_differences(coefficients):
    """The definition of D_t, step by step."""
    offsets = np.arange(-5, 6)
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 2.0**2))

    def smoothed(maps):
        return np.stack(
            [
                [cv2.filter2D(one, -1, kernel, borderType=cv2.BORDER_CONSTANT) for one in bands]
                for bands in maps
            ]
        )

    now, before = coefficients[1:], coefficients[:-1]
    weight = smoothed(np.abs(now))
    difference = smoothed(np.abs(now) * np.angle(now * before.conj()))
    difference = np.where(weight < 1e-6, 0, difference / np.maximum(weight, 1e-6))
    return difference - difference.mean((-2, -1), keepdims=True)


def test_coefficients_are_those_of_pyrtools(double):
    frames = np.random.default_rng(0).random((2, 48, 48))
    found = double.coefficients(torch.from_numpy(frames))
    for index, frame in enumerate(frames):
        for ours, theirs in zip(found, pyrtools_coefficients(frame), strict=True):
            assert np.abs(ours[index].numpy() - theirs).max() < 1e-10


def test_coefficients_are_those_of_the_plain_transform(single, filters):
    frames = random_frames(3)
    for ours, plain in zip(
        single.coefficients(frames.float()), fourier_coefficients(frames.numpy(), filters), strict=True
    ):
        assert np.linalg.norm(ours.numpy() - plain) < 1e-5 * np.linalg.norm(plain)


def test_golden_coefficients(single, golden, faces):
    for level, ours in zip(LEVELS, single.coefficients(faces.float()), strict=True):
        theirs = golden[f"coefficients_{level}"]
        assert np.linalg.norm(ours.numpy() - theirs) < 1e-5 * np.linalg.norm(theirs)


def test_levels_and_orientations_share_the_spectrum_out(filters):
    radius = np.hypot(*np.mgrid[0:24, 0:24])
    between = (radius > 13) & (radius < 23.5)
    energy = sum(gain[:24, :24] ** 2 + gain.T[:24, :24] ** 2 for gain in (filters.level1, filters.level2))
    assert np.allclose(energy[between], 4, atol=0.02)
    assert energy[0, 0] < 1e-12


def test_filters_travel_in_a_file(filters, tmp_path):
    save_filters(filters, tmp_path / "filters.npz")
    loaded = load_filters(tmp_path / "filters.npz")
    for level in LEVELS:
        assert np.array_equal(getattr(loaded, level), getattr(filters, level))
    code = (
        "import sys; from mimamo.phase.steerable_pyramid import load_filters; load_filters(sys.argv[1]); "
        "assert not {'pyrtools', 'matplotlib', 'torch'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "filters.npz")],
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )


def test_a_damaged_file_of_filters_is_told(filters, tmp_path):
    path = tmp_path / "filters.npz"
    save_filters(filters, path)
    whole = path.read_bytes()
    for damaged in (whole[:1000], b"", b"text"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"filters\.npz .*make it anew"):
            load_filters(path)
    np.savez(path, level1=np.zeros((48, 48)), level2=np.zeros((12, 12)))
    with pytest.raises(InputError, match=r"\(12, 12\)"):
        load_filters(path)
    with pytest.raises(InputError, match="No such file"):
        load_filters(tmp_path / "other.npz")


# Differences ---------------------------------------------------------------------------------------------


def test_differences_are_those_of_the_definition(double, filters):
    frames = random_frames(6)
    for ours, coefficients in zip(double(frames), fourier_coefficients(frames.numpy(), filters), strict=True):
        assert np.abs(ours.numpy() - plain_differences(coefficients)).max() < 1e-9


def test_golden_differences(single, double, golden, faces):
    for module, precision, tolerance in ((single, torch.float32, 1e-4), (double, torch.float64, 1e-6)):
        for level, ours in zip(LEVELS, module(faces.to(precision)), strict=True):
            assert np.abs(ours.numpy() - golden[f"phase_difference_{level}"]).max() < tolerance


def test_single_precision_is_close_to_double(single, double):
    frames = random_frames(40, seed=3)
    for ours, reference in zip(single(frames.float()), double(frames), strict=True):
        assert (ours - reference).abs().max() < 1e-4


def grating(frequency, shift, vertical):
    x = torch.arange(48, dtype=torch.float64)
    row = 0.5 + 0.4 * torch.cos(2 * np.pi * frequency * (x - shift) + 0.7)
    return row[:, None].expand(48, 48) if vertical else row.expand(48, 48)


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize(
    ("level", "frequency"), [(0, 0.25), (0, 0.3), (0, 0.35), (1, 0.125), (1, 0.15), (1, 0.18)]
)
def test_a_moved_grating_turns_the_phase_by_frequency_times_shift(double, level, frequency, vertical):
    shift = 0.3
    frames = torch.stack([grating(frequency, place, vertical) for place in (0, shift)])
    maps = double.raw_differences(frames)[level][0]
    # Away from the border, where the mirror image moves the other way.
    inner = maps.shape[-1] // 3
    centre = maps[:, inner:-inner, inner:-inner]
    # Motion towards +x (band 0) and towards +y (band 1) is negative.
    assert torch.allclose(
        centre[int(vertical)], torch.tensor(-2 * np.pi * frequency * shift, dtype=torch.float64), rtol=0.02
    )
    assert centre[1 - int(vertical)].abs().max() < 1e-6


def test_the_mean_of_every_map_is_taken_away(single):
    frames = random_frames(5).float()
    for centred, raw in zip(single(frames), single.raw_differences(frames), strict=True):
        assert centred.mean((-2, -1)).abs().max() < 1e-6
        assert torch.allclose(centred, raw - raw.mean((-2, -1), keepdim=True), atol=1e-6)


@pytest.mark.parametrize(("x", "y"), [(16, 33), (24, 38), (30, 33)])
def test_motion_painted_into_a_face_shows_where_it_was_painted(single, faces, x, y):
    face = faces[0].numpy()
    # The mean of four neighbours is the face half a pixel further to the right and down.
    further = sum(np.roll(face, shift, (0, 1)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))) / 4
    rows, columns = np.mgrid[0:48, 0:48]
    away = np.hypot(rows - y, columns - x)
    moved = face + np.where(away < 9, np.exp(-(away**2) / (2 * 3.0**2)), 0) * (further - face)
    levels = single.raw_differences(torch.from_numpy(np.stack([face, moved])).float())
    for maps, step in zip(levels, (1, 2), strict=True):
        maps, at = maps[0].numpy(), away[::step, ::step]
        energy = (maps**2).sum(0)
        assert at.flat[energy.argmax()] <= 6
        assert energy[at < 9].sum() > 0.8 * energy.sum()
        assert np.abs(maps[:, at > 16]).max() < 0.15 * np.abs(maps).max()
        # Towards +x and +y is negative.
        assert maps.flat[np.abs(maps).argmax()] < 0


@pytest.mark.parametrize("brightness", [0.0, 0.3, 1.0])
def test_flat_frames_have_no_motion(single, brightness):
    frames = torch.full((4, 48, 48), brightness)
    frames[2:] *= 0.9
    for maps in single(frames):
        assert torch.equal(maps, torch.zeros_like(maps))


def test_a_face_after_a_black_frame_gives_finite_maps(single, faces):
    frames = faces[:3].float().clone()
    frames[1] = 0
    level1, level2 = single(frames)
    assert torch.isfinite(level1).all()
    assert torch.isfinite(level2).all()
    # Into black there is no pattern left whose phase could be told.
    assert not level1[0].any()


# Mirroring -----------------------------------------------------------------------------------------------


def test_flipping_maps_equals_flipping_frames_at_level_1(single, double):
    frames = random_frames(8)
    for module, precision, tolerance in ((double, torch.float64, 1e-9), (single, torch.float32, 1e-4)):
        frames = frames.to(precision)
        ours, _ = flip(*module(frames))
        theirs, _ = module(frames.flip(-1))
        assert (ours - theirs).abs().max() < tolerance


def test_flipping_maps_nearly_equals_flipping_frames_at_level_2(single, faces):
    frames = faces.float()
    _, ours = flip(*single(frames))
    _, theirs = single(frames.flip(-1))
    for band in (0, 1):
        assert np.corrcoef(ours[:, band].flatten(), theirs[:, band].flatten())[0, 1] > 0.95


def test_flip_leaves_its_input_and_takes_arrays_and_tensors(single):
    levels = single(random_frames(3).float())
    before = [level.clone() for level in levels]
    tensors = flip(*levels)
    arrays = flip(*(level.numpy() for level in levels))
    for level, copy, tensor, array in zip(levels, before, tensors, arrays, strict=True):
        assert torch.equal(level, copy)
        assert np.array_equal(tensor.numpy(), array)
        assert not torch.equal(level, tensor)
    for back, level in zip(flip(*tensors), levels, strict=True):
        assert torch.equal(back, level)


# Videos --------------------------------------------------------------------------------------------------


def streamed(module, numbers, frames, size):
    numbers, frames = np.asarray(numbers), frames.numpy()
    blocks = ((numbers[i : i + size], frames[i : i + size]) for i in range(0, len(numbers), size))
    parts = list(stream_differences(module, blocks))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def test_every_row_is_about_its_frame_and_the_one_before(single):
    frames = random_frames(7).float()
    numbers, *levels = streamed(single, range(1, 8), frames, 7)
    assert numbers.tolist() == list(range(1, 8))
    for level, expected in zip(levels, single(frames), strict=True):
        assert level.dtype == np.float16
        assert not level[0].any()
        assert np.array_equal(level[1:], expected.half().numpy())


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_blocks_do_not_show(single, size):
    frames = random_frames(11).float()
    numbers = [3, 4, 5, 6, 9, 10, 11, 12, 14, 20, 21]
    whole, parts = streamed(single, numbers, frames, 11), streamed(single, numbers, frames, size)
    for one, other in zip(whole, parts, strict=True):
        # One unit in the last place of half precision, for other sizes of matrices round otherwise.
        assert np.allclose(one.astype(float), other.astype(float), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("size", [2, 11])
def test_there_is_no_difference_across_a_hole(single, size):
    frames = random_frames(6).float()
    _, *levels = streamed(single, [1, 2, 4, 5, 8, 9], frames, size)
    for level in levels:
        assert [bool(row.any()) for row in level] == [False, True, False, True, False, True]


# Crops ---------------------------------------------------------------------------------------------------


def test_crops_are_reduced_as_the_golden_frames_were(shared, golden):
    folder = shared / "real" / "cropped_aligned" / "woman_expressions"
    if not folder.is_dir():
        pytest.skip("no real crops beside the project")
    frames = grey48(
        [read_crop(folder / f"{number:05d}.jpg", grey=True) for number in golden["frame_index"][:20]]
    )
    off = np.abs(frames * 255 - golden["frames_48"][:20])
    # JPEG decoders differ by a grey level here and there.
    assert off.max() < 1.5
    assert off.mean() < 0.05


@pytest.mark.parametrize(("height", "width"), [(112, 112), (120, 97), (48, 224), (31, 48)])
def test_crops_are_reduced_as_pillow_does(height, width):
    crops = [np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8) for seed in range(5)]
    wanted = [Image.fromarray(crop).resize((48, 48), Image.Resampling.LANCZOS) for crop in crops]
    off = np.abs(grey48(crops) * 255 - np.stack([np.asarray(image) for image in wanted]))
    # Where a value lies half-way between two levels, the last digit decides.
    assert off.max() < 1.01
    assert (off > 0.5).mean() < 0.001


def test_crops_of_several_sizes_keep_their_order():
    crops = [np.full((50 + size, 60), 10 * size, np.uint8) for size in (1, 2, 2, 1, 3)]
    assert grey48(crops).mean((1, 2)) * 255 == pytest.approx([10, 20, 20, 10, 30])


@pytest.fixture
def batch(batch, tmp_path, filters):
    save_filters(filters, tmp_path / "filters.npz")
    return {**batch, "filters": tmp_path / "filters.npz"}


def test_a_batch_gets_a_cache_for_every_name(batch, tmp_path, single):
    phase_batch(**batch, folder=tmp_path / "phase")
    assert sorted(path.name for path in (tmp_path / "phase").iterdir()) == [
        "105.npy",
        "empty.npy",
        "video1_left.npy",
    ]
    assert len(open_cache(tmp_path / "phase" / "empty.npy")) == 0
    cache = np.load(tmp_path / "phase" / "105.npy")
    assert cache["frame"].tolist() == [2, 3, 4, 6, 7, 9]
    assert [bool(row.any()) for row in cache["level1"]] == [False, True, True, False, True, False]
    crops = (tmp_path / "root" / "cropped_aligned" / "105" / f"{number:05d}.jpg" for number in (2, 3))
    expected, _ = single(torch.from_numpy(grey48([read_crop(crop, grey=True) for crop in crops])))
    assert np.allclose(cache["level1"][1].astype(float), expected[0], rtol=1e-3, atol=1e-5)


def test_a_batch_is_the_same_to_the_byte_each_time(batch, tmp_path):
    for folder in ("first", "second"):
        phase_batch(**batch, folder=tmp_path / folder)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_a_crop_that_vanished_after_the_audit_is_told_and_leaves_nothing(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105" / "00003.jpg").unlink()
    with pytest.raises(InputError, match=r"00003\.jpg"):
        phase_batch(**batch, folder=tmp_path / "phase")
    assert not (tmp_path / "phase").exists()


def test_a_folder_that_vanished_after_the_audit_is_told(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105").rename(tmp_path / "gone")
    with pytest.raises(InputError, match="6 crops of 105"):
        phase_batch(**batch, folder=tmp_path / "phase")
