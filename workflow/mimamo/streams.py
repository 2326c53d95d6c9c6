"""Streams: the per-frame features that the network sees, as the section ``streams`` of the configuration.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

#: The kinds of streams: phase differences, the backbone's features, features that somebody brings, and sound.
PHASE, BACKBONE, FEATURES, AUDIO = "phase", "backbone", "features", "audio"
#: A stream's settings.
Settings = Mapping[str, object]
#: The paper's two streams.
PAPER: dict[str, Settings] = {"appearance": {"kind": BACKBONE}, "motion": {"kind": PHASE}}

#: What a name may be: part of file names, of the keys of weights, and of the fields of a batch.
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_RESERVED = ("level1", "level2", "target", "valid", "labelled")
#: What holds of streams of sound unless it is said: mel bands and the frequencies in Hz that they reach from
#: and to, samples a second, seconds of a window and from one to the next, and log-mel frames around each
#: frame of the video whose mean it gets. See `mimamo.sound.log_mel`.
AUDIO_DEFAULTS: Settings = {
    "bands": 64,
    "lowest": 125.0,
    "highest": 7500.0,
    "sample_rate": 16000,
    "window": 0.025,
    "hop": 0.01,
    "context": 5,
}
#: What may be said of a stream of each kind, besides its encoder's sizes.
_OWN_KEYS = {
    PHASE: (),
    BACKBONE: (),
    FEATURES: ("folder", "rows", "missing", "hold"),
    AUDIO: tuple(AUDIO_DEFAULTS),
}
#: What a stream with settings of another kind is not.
_SAID_OF = {FEATURES: "features that are brought", AUDIO: "sound"}
_ROWS_FORMS = "frames, {frame: ..., first: 0 or 1} or {rate: ..., offset: ..., pick: nearest or linear}"
#: What holds of streams of a kind unless it is said.
_DEFAULTS: dict[str, Settings] = {FEATURES: {"missing": "zero", "hold": 0}, AUDIO: AUDIO_DEFAULTS}


def complete_streams(streams: Mapping[str, Settings | None]) -> dict[str, dict]:
    """Return the streams that are not taken out, by name, with all settings that the values depend on."""
    kept = {name: dict(streams[name]) for name in sorted(streams) if streams[name] is not None}
    return {name: {**_DEFAULTS.get(str(settings["kind"]), {}), **settings} for name, settings in kept.items()}


def stream_faults(streams: Mapping[str, Settings | None], network: Settings) -> list[str]:
    """Describe what does not go together in valid streams.

    Parameters
    ----------
    streams, network
        Sections of the configuration.

    Returns
    -------
    list[str]
        A sentence for each fault.
    """
    kept = {name: settings for name, settings in streams.items() if settings is not None}
    if not kept:
        return ["Configuration: streams has none that is not null, expected at least one."]
    faults = [
        f"Configuration: streams.{name} is a name of no stream, expected small letters, digits and _, and "
        f"none of {', '.join(_RESERVED)}."
        for name in kept
        if not _NAME.fullmatch(name) or name in _RESERVED
    ]
    for kind in (PHASE, BACKBONE):
        if len(same := [name for name, settings in kept.items() if settings["kind"] == kind]) > 1:
            faults.append(
                f"Configuration: streams {' and '.join(sorted(same))} are both of kind {kind}, expected one "
                "at most; take the other out with null."
            )
    return faults + [
        f"Configuration: streams.{name}{fault}."
        for name, settings in kept.items()
        for fault in _faults_of(settings, network)
    ]


def _faults_of(settings: Settings, network: Settings) -> Iterator[str]:
    """Describe what does not go together in the settings of one stream."""
    kind = settings["kind"]
    for other, said in _SAID_OF.items():
        for key in sorted(set(_OWN_KEYS[other]) & settings.keys() - set(_OWN_KEYS[kind])):
            yield f".{key} is for {said}, and the kind is {kind}; leave it out"
    if kind == PHASE and "components" in settings:
        yield ".components is for features, and the kind is phase; leave it out"
    if kind == BACKBONE and "components" in settings and not network["standardise_pool5"]:
        yield ".components expects network.standardise_pool5 to be true, as they are of standardised features"
    if kind != FEATURES:
        return
    if "folder" not in settings:
        yield ".folder is missing, expected the folder with a file of features for every name"
    rows = settings.get("rows")
    if rows is None:
        yield f".rows is missing, expected how rows belong to frames: {_ROWS_FORMS}"
    elif isinstance(rows, Mapping):
        keys = rows.keys()
        if keys not in ({"frame", "first"}, {"rate", "offset", "pick"}, {"rate", "offset", "pick", "fps"}):
            yield f".rows has {', '.join(sorted(keys)) or 'nothing'}, expected {_ROWS_FORMS}"


def are_streams(value: object) -> bool:
    """Return whether a value, such as one of a checkpoint, is what `portable` gives of valid streams."""
    if not isinstance(value, Mapping) or not all(
        isinstance(settings, Mapping) for settings in value.values()
    ):
        return False
    if not all(
        isinstance(name, str) and settings.get("kind") in _OWN_KEYS for name, settings in value.items()
    ):
        return False
    brought = brought_streams(value)
    placed = {**value, **{name: {**settings, "folder": "somewhere"} for name, settings in brought.items()}}
    return (
        not stream_faults(placed, {"standardise_pool5": True})
        and all(
            settings.get("missing") in ("zero", "drop")
            and isinstance(settings.get("hold"), int)
            and _are_rows(settings["rows"])
            for settings in brought.values()
        )
        and all(
            isinstance(settings.get(key), (int, float)) and settings[key] > 0
            for settings in audio_streams(value).values()
            for key in AUDIO_DEFAULTS
        )
    )


def _are_rows(rows: object) -> bool:
    """Return whether the values of ``rows``, whose keys were checked, are of their types."""
    if not isinstance(rows, Mapping):
        return rows == "frames"
    if "frame" in rows:
        return isinstance(rows["frame"], str) and rows["first"] in (0, 1)
    numbers = (rows["rate"], rows["offset"], rows.get("fps") or 1)
    return all(isinstance(number, (int, float)) for number in numbers) and rows["pick"] in (
        "nearest",
        "linear",
    )


def backbone_stream(streams: Mapping[str, Settings]) -> str | None:
    """Return the name of the stream of the backbone's features; None where there is none."""
    return next((name for name, settings in streams.items() if settings["kind"] == BACKBONE), None)


def phase_stream(streams: Mapping[str, Settings]) -> str | None:
    """Return the name of the stream of phase differences; None where there is none."""
    return next((name for name, settings in streams.items() if settings["kind"] == PHASE), None)


def brought_streams(streams: Mapping[str, Settings]) -> dict[str, Settings]:
    """Return the streams of features that somebody brings, by name."""
    return {name: settings for name, settings in streams.items() if settings["kind"] == FEATURES}


def audio_streams(streams: Mapping[str, Settings]) -> dict[str, Settings]:
    """Return the streams of sound, by name."""
    return {name: settings for name, settings in streams.items() if settings["kind"] == AUDIO}


def stage_of(name: str, settings: Settings) -> str:
    """Return the stage that computes a stream, which is the folder of its caches below ``results``."""
    stages = {PHASE: "phase", BACKBONE: "features", FEATURES: f"brought/{name}", AUDIO: f"audio/{name}"}
    return stages[str(settings["kind"])]


def portable(streams: Mapping[str, Settings]) -> dict[str, dict]:
    """Return the streams without the folders of brought features, which differ from machine to machine."""
    return {
        name: {key: value for key, value in settings.items() if key != "folder"}
        for name, settings in streams.items()
    }
