"""Videos for models that were trained on features that somebody brought, at a rate of their own."""

import numpy as np
import pytest

from mimamo import DIMENSIONS
from mimamo.storage.files import read_csv
from support.brought import BY_FRAMES, write_file
from support.films import FRAMES, predict
from support.models import write_model

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_time_stamps_of_the_video_say_which_rows_a_frame_gets(film, predicted, tmp_path):
    """Frames of the film come 25 times a second, every other one late by a quarter of that."""
    values = np.random.default_rng(0).normal(size=(FRAMES, 3))
    write_file(tmp_path / "voice" / "my film.npy", values)
    kept = ["--crops", str(predicted.crops), "--features", f"voice={tmp_path / 'voice'}"]
    found = {}
    for name, rows in {
        "frames": "frames",
        "rate": {"rate": 25.0, "offset": 0.0, "pick": "nearest", "fps": None},
        "late": {"rate": 25.0, "offset": 0.2, "pick": "nearest", "fps": None},
    }.items():
        model = write_model(tmp_path / f"{name}.pt", 0, brought={"voice": (3, {**BY_FRAMES, "rows": rows})})
        assert predict([film], [model], tmp_path / f"{name}.csv", *kept) == 0
        found[name] = read_csv(tmp_path / f"{name}.csv")[list(DIMENSIONS)]
    assert found["rate"].equals(found["frames"]) and not found["late"].equals(found["frames"])
