"""What the tests of many cases draw from, and how patient they are."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: For tests whose every case writes files, which takes longer on some disks than on others.
PATIENT = settings(max_examples=40, suppress_health_check=list(HealthCheck))
#: A value of an annotation file.
ANNOTATED = st.one_of(st.just(-5.0), st.floats(-1, 1))


def frame_numbers(most: int) -> st.SearchStrategy[np.ndarray]:
    """Draw numbers of frames, at least one, in ascending order."""
    return st.sets(st.integers(1, most), min_size=1).map(lambda frames: np.array(sorted(frames)))
