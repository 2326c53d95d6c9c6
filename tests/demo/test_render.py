import cv2
import numpy as np
import pytest
from PIL import Image

from mimamo.demo.cast import ANNOTATIONS, CAST, CROPS, TEST_LIST, subsets
from mimamo.demo.render import frames_with_crop, render_corpus, render_video
from mimamo.demo.traces import FRAME_RATE
from support.demo import CLIPS, FITTED, course_of, runs

#: The typical length that is rendered here.
SMALL = 40


def render(folder, seed=0, processes=1):
    render_corpus(folder / "corpus", folder / "truth", folder / "identities.csv", seed, SMALL, processes)
    return folder


def bytes_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return render(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def corpus(rendered):
    return rendered / "corpus"


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
