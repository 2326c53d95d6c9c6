from mimamo.demo.cast import CAST
from support.demo import CLIPS, DEFAULT, FITTED, annotated_crops, runs


def test_size_is_about_5000_frames_and_24_names():
    assert 4500 < sum(clip.frames(DEFAULT) for clip in CAST) < 5500
    assert 22 <= len(CAST) == len(CLIPS) <= 26
    assert len({clip.identity for clip in CAST}) > 20


def test_a_clip_has_no_stretch_as_long_as_a_training_window():
    """At the length that config.yaml has; every other clip has one."""
    longest = {}
    for clip in FITTED:
        longest[clip.name] = max(length for seen, length in runs(annotated_crops(clip, DEFAULT)) if seen)
    assert {name for name, length in longest.items() if length < 64} == {"17-24-160x120"}


def test_a_side_stands_alone():
    assert "10-60-320x120_right" in CLIPS and "10-60-320x120" in CLIPS and "10-60-320x120_left" not in CLIPS
    assert CLIPS["10-60-320x120_right"].identity != CLIPS["10-60-320x120"].identity
    assert "142-24-160x120_left" in CLIPS and "142-24-160x120_right" not in CLIPS


def test_a_person_has_three_names_on_both_sides_of_the_official_split():
    names = {clip.name: clip.subset for clip in CAST if clip.identity == CLIPS["5-60-160x120-1"].identity}
    assert sorted(names) == ["5-60-160x120-1", "5-60-160x120-2", "5-60-160x120-3"]
    assert set(names.values()) == {"train", "validation"}
