"""Groups of names that no fold may tear apart."""

from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mimamo.corpus.layout import video_of
from mimamo.dataset.groups import merge_groups

NAMES = ["a", "a_left", "a_right", "b", "b_left", "c", "d", "e_right"]


def test_names_of_a_container_or_a_video_stay_together():
    names = {"a_left": ("one", ""), "a_right": ("two", ""), "b": ("three", "x.mp4"), "c": ("two", "x.mp4")}
    # a_left and a_right share a video, a_right and c a group, b and c a container.
    assert merge_groups(names) == dict.fromkeys(names, "one")
    assert merge_groups({"a": ("one", ""), "b": ("two", "")}) == {"a": "one", "b": "two"}
    assert merge_groups({}) == {}


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.tuples(st.sampled_from(["g0", "g1", "g2", "g3"]), st.sampled_from(["", "x.mp4", "y.mp4"])),
    )
)
def test_merged_groups_are_the_components_of_what_names_share(names):
    listed = list(names)
    shares = [
        {("group", group), ("video", video_of(name)), *([("container", container)] if container else [])}
        for name, (group, container) in names.items()
    ]
    pairs = [(i, j) for i, one in enumerate(shares) for j, other in enumerate(shares) if one & other]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    graph = coo_array(([1] * len(pairs), (rows, columns)), shape=(len(listed), len(listed)))
    components = connected_components(graph, directed=False)[1] if listed else []
    wanted = {
        name: min(names[listed[i]][0] for i, other in enumerate(components) if other == component)
        for name, component in zip(listed, components, strict=True)
    }
    assert merge_groups(names) == wanted
