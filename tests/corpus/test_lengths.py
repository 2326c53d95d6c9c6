import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.lengths import Length, video_length


@pytest.mark.parametrize(
    ("known", "length"),
    [
        ({"sample_list": 9, "frame_list": 8, "decoded": 7, "said": 6}, Length(9, "sample_list")),
        ({"frame_list": 8, "decoded": 7, "said": 6}, Length(8, "frame_list")),
        ({"decoded": 7, "said": 6}, Length(7, "decoded")),
        ({"decoded": 0, "said": 6}, Length(7, "container")),
        ({"said": 6}, Length(7, "container")),
        ({"said": 0}, Length(0, "")),
        ({}, Length(0, "")),
        ({"sample_list": 9, "highest_crop": 9}, Length(9, "sample_list")),
        ({"sample_list": 9, "highest_crop": 10}, Length(10, "crops")),
        ({"said": 6, "highest_crop": 7, "annotation_lines": 8}, Length(8, "annotations")),
        ({"highest_crop": 7, "annotation_lines": 7}, Length(7, "crops")),
    ],
)
def test_precedence_of_lengths(known, length):
    assert video_length(**known) == length


KNOWN = st.one_of(st.none(), st.integers(0, 50))


@given(KNOWN, KNOWN, KNOWN, KNOWN, st.integers(0, 50), st.integers(0, 50))
def test_a_length_reaches_all_that_is_there_and_has_one_source(sample, frames, decoded, said, crop, lines):
    found = video_length(
        sample_list=sample,
        frame_list=frames,
        decoded=decoded,
        said=said,
        highest_crop=crop,
        annotation_lines=lines,
    )
    told = {"sample_list": sample, "frame_list": frames, "decoded": decoded, "container": said and said + 1}
    known = {source: length for source, length in told.items() if length}
    assert found.frames >= max(crop, lines)
    assert (found.frames == 0) == (found.source == "")
    if found.source in known:
        assert found.source == next(iter(known)) and found.frames == known[found.source]
    elif found.source:
        assert found.frames == {"crops": crop, "annotations": lines}[found.source]
        assert all(found.frames > length for length in list(known.values())[:1])
