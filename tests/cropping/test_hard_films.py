"""Films that are hard to look at: dark ones, and many people whom the camera passes."""

import numpy as np
import pytest

from mimamo.cropping.crop import CropSettings, crop_video
from support.crops import names, numbers, table
from support.videos import Person, scene, write_film


@pytest.mark.parametrize("light", [0.5, 0.25])
def test_in_a_dim_room_the_face_is_found_where_it_is(light, tmp_path):
    frames = [scene([Person(2, 160, 120)], light=light)] * 8
    crop_video(write_film(tmp_path / "dim.mp4", frames), tmp_path / "out")
    rows = table(tmp_path / "out", "dim")
    assert numbers(tmp_path / "out", "dim") == list(range(1, 9))
    middle = rows[["left", "top"]].to_numpy() + rows[["width", "height"]].to_numpy() / 2
    assert abs(middle - [160, 120]).max() < 15


def test_in_the_dark_there_is_no_wrong_face_and_it_is_said(tmp_path, caplog):
    frames = [scene([Person(2, 160, 120)], light=0.02)] * 8
    record = crop_video(write_film(tmp_path / "dark.mp4", frames), tmp_path / "out")
    assert record.people == () and names(tmp_path / "out") == []
    assert table(tmp_path / "out", "dark")["frame"].tolist() == list(range(1, 9))
    assert "dark.mp4: no face was found, so there are no crops of it" in caplog.text


def test_five_people_whom_the_camera_passes_are_five(tmp_path):
    places = np.array([160, 420, 680, 940, 1200])
    street = scene([Person(seed, x, 120, 80) for seed, x in enumerate(places, start=1)], (1360, 240))
    offsets = np.arange(0, 1041, 10)
    frames = [np.ascontiguousarray(street[:, offset : offset + 320]) for offset in offsets]
    record = crop_video(
        write_film(tmp_path / "pan.mp4", frames), tmp_path / "out", CropSettings(people="all")
    )
    assert len(record.people) == 5 and names(tmp_path / "out") == sorted(record.people)
    rows = table(tmp_path / "out", "pan").dropna(subset="person")
    # Nobody's track goes on in somebody else: each stays at one place of the street.
    place = rows["left"] + rows["width"] / 2 + offsets[rows["frame"] - 1]
    of_people = place.groupby(rows["person"]).agg(["mean", "min", "max"])
    assert (of_people["max"] - of_people["min"]).max() < 60
    assert abs(np.sort(of_people["mean"]) - places).max() < 20
    # Whoever is in the picture as a whole is found in every frame.
    whole = [int(((places - offset > 50) & (places - offset < 270)).sum()) for offset in offsets]
    found = rows.groupby("frame").size().reindex(range(1, len(offsets) + 1), fill_value=0).to_numpy()
    assert (found >= whole).mean() > 0.95
