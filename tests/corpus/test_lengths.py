import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.lengths import Length, LengthSources


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
        # A decode below the highest crop is broken where the header says more.
        ({"decoded": 15, "said": 51, "highest_crop": 50}, Length(52, "container")),
        ({"decoded": 15, "said": 30, "highest_crop": 50}, Length(50, "crops")),
        ({"decoded": 59, "said": 59, "highest_crop": 60}, Length(60, "crops")),
        ({"frame_list": 53, "decoded": 15, "said": 51, "highest_crop": 50}, Length(53, "frame_list")),
    ],
)
def test_precedence_of_lengths(known, length):
    assert LengthSources(**known).length == length


@pytest.mark.parametrize(
    ("known", "contradictions"),
    [
        ({"frame_list": 5000, "decoded": 50, "said": 49}, {"frame_list": 5000, "decoded": 50}),
        ({"frame_list": 40, "said": 50}, {"frame_list": 40, "container": 50}),
        (
            {"sample_list": 50, "frame_list": 51, "decoded": 50},
            {"sample_list": 50, "frame_list": 51, "decoded": 50},
        ),
        # One or two frames more than the container has are usual.
        ({"frame_list": 52, "decoded": 50, "said": 50}, {}),
        ({"sample_list": 50, "frame_list": 50}, {}),
        # A broken decode is no source, the header is.
        ({"frame_list": 52, "decoded": 15, "said": 51, "highest_crop": 50}, {}),
        (
            {"frame_list": 90, "decoded": 15, "said": 51, "highest_crop": 50},
            {"frame_list": 90, "container": 51},
        ),
        ({"decoded": 50, "said": 60, "highest_crop": 44, "annotation_lines": 70}, {}),
        ({}, {}),
    ],
)
def test_lists_and_container_that_contradict_each_other(known, contradictions):
    assert LengthSources(**known).contradictions == contradictions


KNOWN = st.one_of(st.none(), st.integers(0, 50))


@given(KNOWN, KNOWN, KNOWN, KNOWN, st.integers(0, 50), st.integers(0, 50))
def test_a_length_reaches_all_that_is_there_and_has_one_source(sample, frames, decoded, said, crop, lines):
    sources = LengthSources(
        sample_list=sample,
        frame_list=frames,
        decoded=decoded,
        said=said,
        highest_crop=crop,
        annotation_lines=lines,
    )
    found, used = sources.length, None if sources.decode_is_broken else decoded
    told = {"sample_list": sample, "frame_list": frames, "decoded": used, "container": said and said + 1}
    known = {source: length for source, length in told.items() if length}
    assert found.frames >= max(crop, lines)
    assert (found.frames == 0) == (found.source == "")
    if found.source in known:
        assert found.source == next(iter(known)) and found.frames == known[found.source]
    elif found.source:
        assert found.frames == {"crops": crop, "annotations": lines}[found.source]
        assert all(found.frames > length for length in list(known.values())[:1])
