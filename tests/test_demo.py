import itertools
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from mimamo.demo import traces as traces_module
from mimamo.demo.cast import ANNOTATIONS, CAST, CROPS, TEST_LIST, Clip, subsets
from mimamo.demo.face import Identity, Pose, draw, identity
from mimamo.demo.render import frames_with_crop, render_corpus, render_video
from mimamo.demo.traces import FRAME_RATE, LARGEST_MOVEMENT, PARTS, Traces, traces, tremor

#: Typical lengths: as config.yaml has it, and what is rendered here.
DEFAULT, SMALL = 220, 40
CLIPS = {clip.name: clip for clip in CAST}
FITTED = [clip for clip in CAST if clip.subset != "test"]


def render(folder, seed=0, processes=1):
    render_corpus(folder / "corpus", folder / "truth", folder / "identities.csv", seed, SMALL, processes)
    return folder


def bytes_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def course_of(clip: Clip, typical: int, seed: int = 0) -> Traces:
    """What a clip shows, without rendering it; a test below sees that it is the renderer's truth."""
    person = identity(np.random.default_rng([seed, clip.identity]))
    rng = np.random.default_rng([seed, zlib.crc32(clip.name.encode())])
    return traces(rng, clip.frames(typical), person.gain, person.tempo)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return render(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def corpus(rendered):
    return rendered / "corpus"


@pytest.fixture(scope="module")
def courses():
    """The traces of the whole corpus at its default length."""
    return {clip.name: course_of(clip, DEFAULT) for clip in CAST}


@pytest.fixture(scope="module")
def many():
    """Traces of many more clips than the corpus has, to see chance correlations vanish."""
    return [traces(np.random.default_rng(seed), DEFAULT, 0.9, 1.0) for seed in range(150)]


def crops(corpus, name: str) -> list[int]:
    folder = corpus / CROPS / name
    return sorted(int(path.stem) for path in folder.iterdir()) if folder.is_dir() else []


def annotation(corpus, name: str) -> bytes:
    return (corpus / ANNOTATIONS[CLIPS[name].subset] / f"{name}.txt").read_bytes()


def pairs(corpus, name: str) -> list[str]:
    """The lines of an annotation file without its header and blank ones."""
    header, *lines = annotation(corpus, name).decode().replace("\r\n", "\n").split("\n")
    assert header == "valence,arousal"
    return [line for line in lines if line]


def said_and_decoded(path) -> tuple[int, int]:
    video = cv2.VideoCapture(str(path))
    said = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    return said, sum(1 for _ in iter(lambda: video.read()[0], False))


def runs(mask) -> list[tuple[bool, int]]:
    return [(bool(value), len(list(group))) for value, group in itertools.groupby(mask)]


# The same bytes every time.


def test_same_seed_gives_the_same_bytes(rendered, tmp_path):
    again = bytes_below(render(tmp_path, processes=2))
    first = bytes_below(rendered)
    assert len(first) > 700 and first.keys() == again.keys()
    assert [path for path in first if first[path] != again[path]] == []


def test_another_seed_gives_other_people_and_labels(rendered, tmp_path):
    clip = CLIPS["video88"]
    for folder in (tmp_path / "corpus" / CROPS, tmp_path / "corpus/batch2", tmp_path / "truth"):
        folder.mkdir(parents=True)
    render_video([clip], tmp_path / "corpus", tmp_path / "truth", seed=1, typical=SMALL)
    for path, content in bytes_below(tmp_path).items():
        assert content != (rendered / path).read_bytes(), path


def test_nothing_is_left_beside_what_is_rendered(rendered):
    assert sorted(path.name for path in rendered.iterdir()) == ["corpus", "identities.csv", "truth"]


# The layout, and the truth apart from it.


def test_layout_is_that_of_the_data_set(corpus):
    folders = sorted(path.relative_to(corpus).as_posix() for path in corpus.rglob("*") if path.is_dir())
    people = [f"{CROPS}/{clip.name}" for clip in CAST if clip.crops != "none"]
    assert folders == sorted([CROPS, "VA_Set", *ANNOTATIONS.values(), "batch1", "batch2", *people])
    tests = [name for name, subset in subsets().items() if subset == "test"]
    assert (corpus / TEST_LIST).read_text().split("\n") == [*tests, ""]
    for subset, folder in ANNOTATIONS.items():
        stems = {path.stem for path in (corpus / folder).iterdir()}
        assert stems == {name for name, kind in subsets().items() if kind == subset}
    assert {path.relative_to(corpus).as_posix() for path in corpus.glob("batch?/*")} == {
        clip.container for clip in CAST
    }


def test_crops_are_jpegs_of_112_pixels_in_colour(corpus):
    files = sorted((corpus / CROPS).rglob("*.jpg"))
    assert all(len(path.stem) == 5 and path.stem.isdigit() for path in files)
    for path in files[::7]:
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (112, 112))
            spread = np.ptp(np.asarray(image, int), axis=-1)
        assert spread.max() > 30


def test_size_is_about_5000_frames_and_24_names():
    assert 4500 < sum(clip.frames(DEFAULT) for clip in CAST) < 5500
    assert 22 <= len(CAST) == len(CLIPS) <= 26
    assert len({clip.identity for clip in CAST}) > 20


def test_truth_tells_every_frame_of_every_name_and_stays_out_of_the_corpus(rendered):
    truths = {path.stem: path for path in (rendered / "truth").iterdir()}
    assert truths.keys() == CLIPS.keys()
    for name, path in truths.items():
        header, *lines = path.read_text().splitlines()
        course = course_of(CLIPS[name], SMALL)
        assert header == "frame,valence,arousal"
        rows = np.array([line.split(",") for line in lines], float)
        assert rows[:, 0].tolist() == list(range(1, CLIPS[name].frames(SMALL) + 1))
        assert np.array_equal(rows[:, 1:], np.stack([course.valence, course.arousal], axis=1))
    for name in (clip.name for clip in CAST if clip.subset == "test"):
        files = [
            path.relative_to(rendered) for path in (rendered / "corpus").rglob(f"{name}*") if path.is_file()
        ]
        assert [path.parts[1] for path in files] in (["batch1"], ["batch2"], [])


def test_annotations_are_the_truth_where_they_are_real(corpus):
    for clip in FITTED:
        course = course_of(clip, SMALL)
        told = [f"{v:.3f},{a:.3f}" for v, a in zip(course.valence, course.arousal, strict=True)]
        lines = pairs(corpus, clip.name)
        assert all(line in ("-5,-5", truth) for line, truth in zip(lines, told, strict=False))
        assert lines.count("-5,-5") < len(lines) / 2


def test_identities_are_told(rendered):
    rows = (rendered / "identities.csv").read_text().splitlines()
    assert rows == ["name,identity", *(f"{clip.name},{clip.identity}" for clip in CAST)]


# The traps.


def test_crops_are_missing_at_the_start_inside_and_at_the_end(corpus):
    found = {}
    for clip in CAST:
        numbers, frames = crops(corpus, clip.name), clip.frames(SMALL)
        assert numbers == (np.flatnonzero(frames_with_crop(clip, frames)) + 1).tolist()
        if clip.crops == "all":
            found[clip.name] = (
                numbers[0] > 1,
                len(numbers) < numbers[-1] - numbers[0] + 1,
                numbers[-1] < frames,
            )
    for kind in range(3):
        for group in (FITTED, [clip for clip in CAST if clip.subset == "test" and clip.crops == "all"]):
            assert any(found[clip.name][kind] for clip in group), (kind, found)
    assert any(not any(kinds) for kinds in found.values())


def test_annotations_are_missing_at_the_start_and_inside(corpus):
    starts, insides = set(), set()
    for clip in FITTED:
        shape = runs(line == "-5,-5" for line in pairs(corpus, clip.name))
        starts |= {clip.name} if shape[0][0] else set()
        insides |= {clip.name} if any(missing for missing, _ in shape[1:-1]) else set()
    assert starts >= {"5-60-160x120-2", "video41"} and insides >= {
        "video41",
        "video63",
        "12-24-320x120_right",
    }


def test_a_clip_has_no_stretch_as_long_as_a_training_window():
    """At the length that config.yaml has; every other clip has one."""
    longest = {}
    for clip in FITTED:
        frames = clip.frames(DEFAULT)
        kept = frames_with_crop(clip, frames)
        for share, length in clip.unannotated:
            kept[round(share * frames) : round(share * frames) + length] = False
        kept[: clip.unannotated_start] = False
        longest[clip.name] = max(length for seen, length in runs(kept) if seen)
    assert {name for name, length in longest.items() if length < 64} == {"17-24-160x120"}


def test_annotations_have_more_and_fewer_lines_than_frames(corpus):
    more = {clip.name: len(pairs(corpus, clip.name)) - clip.frames(SMALL) for clip in FITTED}
    assert {name: count for name, count in more.items() if count} == {"102": 3, "102-30-160x120": -4}


def test_two_people_share_one_container(corpus):
    left, right = CLIPS["12-24-320x120_left"], CLIPS["12-24-320x120_right"]
    assert left.container == right.container and left.identity != right.identity
    video = cv2.VideoCapture(str(corpus / left.container))
    assert video.get(cv2.CAP_PROP_FRAME_WIDTH) == 320 and video.get(cv2.CAP_PROP_FPS) == FRAME_RATE
    picture = video.read()[1][..., ::-1].astype(int)
    for side, clip in ((picture[:, :160], left), (picture[:, 160:], right)):
        crop = np.asarray(Image.open(corpus / CROPS / clip.name / "00001.jpg"), int)
        assert np.abs(side[4:116, 24:136] - crop).mean() < 6, clip.name
    assert (corpus / CROPS / left.name).is_dir() and (corpus / CROPS / right.name).is_dir()


def test_a_side_stands_alone():
    assert "10-60-320x120_right" in CLIPS and "10-60-320x120" in CLIPS and "10-60-320x120_left" not in CLIPS
    assert CLIPS["10-60-320x120_right"].identity != CLIPS["10-60-320x120"].identity
    assert "142-24-160x120_left" in CLIPS and "142-24-160x120_right" not in CLIPS


def test_a_person_has_three_names_on_both_sides_of_the_official_split():
    names = {clip.name: clip.subset for clip in CAST if clip.identity == CLIPS["5-60-160x120-1"].identity}
    assert sorted(names) == ["5-60-160x120-1", "5-60-160x120-2", "5-60-160x120-3"]
    assert set(names.values()) == {"train", "validation"}


def test_an_annotation_has_windows_line_ends_and_a_blank_tail(corpus):
    windows = annotation(corpus, "105")
    assert windows.count(b"\r\n") == windows.count(b"\n") and windows.endswith(b"\r\n\r\n\r\n")
    plain = annotation(corpus, "121-24-160x120")
    assert b"\r" not in plain and plain.endswith(b"\n\n\n")
    assert [name for name in (clip.name for clip in FITTED) if b"\r" in annotation(corpus, name)] == ["105"]


def test_containers_are_off_both_ways(corpus):
    for name in ("336", "140-30-160x120"):
        clip = CLIPS[name]
        assert said_and_decoded(corpus / clip.container) == (clip.frames(SMALL) - 1,) * 2
        assert crops(corpus, name)[-1] == clip.frames(SMALL)
    clip = CLIPS["169"]
    assert said_and_decoded(corpus / clip.container) == (clip.frames(SMALL) + 2, clip.frames(SMALL))
    for name in ("144", "video88", "video89", "105", "video71"):
        assert said_and_decoded(corpus / CLIPS[name].container) == (CLIPS[name].frames(SMALL),) * 2


def test_test_names_with_one_crop_and_with_none(corpus):
    tests = [clip.name for clip in CAST if clip.subset == "test"]
    assert [name for name in tests if len(crops(corpus, name)) == 1] == ["video88"]
    assert [name for name in tests if not crops(corpus, name)] == ["video89"]
    assert not (corpus / CROPS / "video89").exists()
    assert crops(corpus, "video88")[0] > 1


# Labels.


def test_labels_are_in_range_and_fill_it(courses):
    for name, course in courses.items():
        for trace in (course.valence, course.arousal):
            assert np.isfinite(trace).all() and np.abs(trace).max() <= 1, name
            assert np.array_equal(trace, np.round(trace, 3))
            assert len(trace) < 60 or np.ptp(trace) > 0.8, name


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_valence_and_arousal_are_not_correlated(seed):
    courses = [course_of(clip, DEFAULT, seed) for clip in CAST]
    valence = np.concatenate([course.valence for course in courses])
    arousal = np.concatenate([course.arousal for course in courses])
    assert abs(np.corrcoef(valence, arousal)[0, 1]) < 0.1


def test_labels_swing_several_times_in_every_clip(courses):
    counts = {"valence": [], "arousal": []}
    for clip in (clip for clip in CAST if clip.crops == "all"):
        for dimension, found in counts.items():
            trace = getattr(courses[clip.name], dimension)
            found.append(sum(1 for _ in itertools.groupby(trace > trace.mean())) - 1)
            assert found[-1] >= 2, (clip.name, dimension)
    assert min(np.mean(found) for found in counts.values()) >= 4


def test_labels_are_smooth(courses):
    for course in courses.values():
        for trace in (course.valence, course.arousal):
            assert np.abs(np.diff(trace)).max() < 0.2


# Movement: all that shows arousal.


def reach(course: Traces) -> np.ndarray:
    """How far each part is from its place: (frames, parts) pixels."""
    return np.linalg.norm(course.tremor, axis=-1)


def test_movement_never_exceeds_its_bound():
    assert LARGEST_MOVEMENT <= 1.3
    for seed in range(20):
        rng = np.random.default_rng(seed)
        arousal = np.clip(rng.normal(0, 1, 300), -1, 1)
        moved = np.linalg.norm(tremor(rng, arousal, gain=rng.uniform(0.5, 2), tempo=1.0), axis=-1)
        assert moved.max() <= 1.3 + 1e-9


def test_movement_grows_with_arousal_for_everybody(courses):
    for name, course in courses.items():
        if len(course.arousal) < 100:
            continue
        calm, stirred = (
            reach(course)[mask].mean()
            for mask in (course.arousal < np.quantile(course.arousal, 0.3),
                         course.arousal > np.quantile(course.arousal, 0.7))
        )  # fmt: skip
        assert stirred > 1.5 * calm, name


def test_tempo_rises_with_arousal():
    """Counted as changes of direction, of a person who is calm or stirred throughout."""
    turns = []
    for arousal in (-0.8, 0.0, 0.8):
        moved = tremor(np.random.default_rng(0), np.full(600, arousal), 0.9, 1.0)[..., 1]
        turns.append((np.diff(np.sign(np.diff(moved, axis=0)), axis=0) != 0).mean())
    assert turns[0] < 0.8 * turns[1] and turns[1] < 0.9 * turns[2]


def test_people_have_a_gain_and_tempo_of_their_own():
    people = [identity(np.random.default_rng([0, number])) for number in range(20)]
    for trait in ("gain", "tempo"):
        values = [getattr(person, trait) for person in people]
        assert len(set(values)) == 20 and max(values) / min(values) > 1.1


def test_parts_move_apart(courses):
    """What moves the whole face alike is lost with the spatial mean of the phase differences."""
    for name in ("144", "video58"):
        across = np.corrcoef(courses[name].tremor[..., 1].T)
        assert across.shape == (len(PARTS), len(PARTS))
        assert np.abs(across[np.triu_indices(len(PARTS), 1)]).mean() < 0.4


def test_movement_has_no_mean_at_any_arousal(many):
    """So that the place of a part in a single frame leans neither way."""
    moved = np.concatenate([course.tremor for course in many])
    arousal = np.concatenate([course.arousal for course in many])
    for mask in (arousal > 0.5, arousal < -0.5):
        assert mask.sum() > 5000 and np.abs(moved[mask].mean(axis=0)).max() < 0.03
    flat = moved.reshape(len(moved), -1)
    assert max(abs(np.corrcoef(column, arousal)[0, 1]) for column in flat.T) < 0.02


def test_blinks_drift_and_light_do_not_depend_on_arousal(monkeypatch):
    """Whatever the arousal is, they are the same; the tremor alone is not."""
    first = traces(np.random.default_rng(5), DEFAULT, 0.9, 1.0)
    drawn = traces_module.labels

    def turned(*arguments):
        valence, arousal = drawn(*arguments)
        return valence, -arousal

    monkeypatch.setattr(traces_module, "labels", turned)
    second = traces(np.random.default_rng(5), DEFAULT, 0.9, 1.0)
    assert np.array_equal(first.arousal, -second.arousal)
    for name in ("valence", "head", "tilt", "blink", "light", "talk"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert not np.allclose(first.tremor, second.tremor)


def test_blinks_drift_and_light_are_not_correlated_with_arousal(many):
    arousal = np.concatenate([course.arousal for course in many])
    for name in ("head", "tilt", "blink", "light"):
        columns = np.concatenate([getattr(course, name) for course in many]).reshape(len(arousal), -1).T
        assert all(abs(np.corrcoef(column, arousal)[0, 1]) < 0.1 for column in columns), name
        assert all(column.std() > 0 for column in columns), name


def test_drift_is_slow(courses):
    """Slower than the tremor by far: what moves fast is arousal."""
    for course in courses.values():
        assert np.abs(np.diff(course.head, axis=0)).max(initial=0) < 0.3
        assert np.abs(np.diff(course.light)).max(initial=0) < 0.01


def test_talking_moves_the_mouth_as_much_as_valence_and_tells_nothing_of_it(many):
    for course in many:
        assert abs(np.corrcoef(course.talk, course.valence)[0, 1]) < 0.3
    talk, valence = (np.concatenate([getattr(c, name) for c in many]) for name in ("talk", "valence"))
    assert abs(np.corrcoef(talk, valence)[0, 1]) < 0.05 and talk.std() > 0.8 * valence.std()


# Pictures.


def still(valence: float = 0.0, **moved) -> Pose:
    shifts = dict.fromkeys(PARTS, np.zeros(2)) | {part: np.array(shift) for part, shift in moved.items()}
    return Pose(valence, head=np.zeros(2), tilt=0.0, tremor=shifts, blink=0.0, light=1.0)


def face(person: Identity, pose: Pose) -> np.ndarray:
    return draw(person, pose, np.random.default_rng(0)).astype(float)


@pytest.fixture
def person() -> Identity:
    """Somebody before a camera without noise."""
    return replace(identity(np.random.default_rng([0, 3])), noise=0.0, glasses=False)


def test_valence_shows_at_mouth_brows_and_cheeks(person):
    changed = np.abs(face(person, still(0.8)) - face(person, still(-0.8))).mean(axis=-1)
    mouth, forehead = changed[75:100, 35:78], changed[:12]
    assert mouth.mean() > 10 and changed[35:48, 25:88].mean() > 2 and forehead.mean() < 0.5


def test_a_pose_has_no_arousal_beyond_its_movement():
    assert set(Pose.__dataclass_fields__) == {"valence", "head", "tilt", "tremor", "blink", "light", "talk"}


@pytest.mark.parametrize("shift", [(0.0, 1.3), (1.3, 0.0), (0.0, 0.5)])
def test_movement_is_drawn_in_pixels_of_the_crop(person, shift):
    """The picture of a moved eye is matched best by that of the still one moved just as far."""
    first = face(person, still())
    second = face(person, still(eyes=shift, left_brow=shift, right_brow=shift, skin=shift))

    def difference(share: float) -> float:
        move = np.array([[1, 0, share * shift[0]], [0, 1, share * shift[1]]])
        return np.square(cv2.warpAffine(first, move, (112, 112)) - second)[44:56, 28:48].sum()

    shares = np.arange(0, 2, 0.02)
    assert shares[np.argmin([difference(share) for share in shares])] == pytest.approx(1, abs=0.1)


def test_people_look_different():
    faces = [face(identity(np.random.default_rng([0, number])), still()) for number in range(6)]
    for first, second in itertools.combinations(faces, 2):
        assert np.abs(first - second).mean() > 8
