import cv2
import numpy as np
import pytest
import torch

from mimamo.phase.differences import flip, stream_differences
from support.phase import LEVELS, fourier_coefficients, random_frames

pytestmark = pytest.mark.usefixtures("one_thread")


# Differences ---------------------------------------------------------------------------------------------


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
