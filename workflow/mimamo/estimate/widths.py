"""The widths of the configured streams, which the sizes of network and caches follow from."""

from __future__ import annotations

from collections.abc import Mapping

from mimamo.features.backbone import feature_width
from mimamo.features.brought import brought_width
from mimamo.streams import audio_streams, brought_streams, spatial_sections


def stream_widths(config: Mapping) -> dict[str, int]:
    """Return the values per frame of every stream of features, by name.

    Raises
    ------
    InputError
        Where no file of a stream that somebody brings can be read.
    """
    streams = config["streams"]
    return {
        **{name: brought_width(settings) for name, settings in brought_streams(streams).items()},
        **{name: int(settings["bands"]) for name, settings in audio_streams(streams).items()},
        **{
            name: feature_width(str(section["backbone"]))
            for name, section in spatial_sections(streams, config["spatial"]).items()
        },
    }
