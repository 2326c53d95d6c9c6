from pathlib import Path

from mimamo.provenance.record import portable


def test_settings_lose_what_they_say_of_the_machine():
    settings = {
        "root": "/data/Aff-Wild2",
        "spatial": {"weights": "/home/me/w.pth", "cache": "~/x", "url": "https://me:secret@host/w.pth"},
        "list": ["~/a/b", "c/d", 3, None, Path("/e/f")],
    }
    assert portable(settings) == {
        "root": "Aff-Wild2",
        "spatial": {"weights": "w.pth"},
        "list": ["b", "c/d", 3, None, "f"],
    }
