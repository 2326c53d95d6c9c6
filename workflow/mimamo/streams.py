"""Streams: the per-frame features that the network sees, as the section ``streams`` of the configuration.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

#: The kinds of streams: phase differences, a backbone's features, features that somebody brings, and sound.
PHASE, BACKBONE, FEATURES, AUDIO = "phase", "backbone", "features", "audio"
#: A stream's settings.
Settings = Mapping[str, object]
#: The paper's two streams.
PAPER: dict[str, Settings] = {"appearance": {"kind": BACKBONE}, "motion": {"kind": PHASE}}

#: What the columns of streams begin with in a table of the weights that attention gives them.
WEIGHT_COLUMN = "weight_"

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
#: The keys of the section ``spatial`` that decide what a backbone's features are, and the others.
SPATIAL_RESULT = ("backbone", "weights", "sha256", "input_size", "resize", "precision")
SPATIAL_SPEED = ("batch_size", "cache", "url")
#: Those that are said of one network and its weights, and not of another one.
_OF_ONE_NETWORK = ("sha256", "url", "input_size", "resize")
#: What may be said of a stream of each kind, besides its encoder's sizes.
_OWN_KEYS = {
    PHASE: (),
    BACKBONE: (*SPATIAL_RESULT, *SPATIAL_SPEED),
    FEATURES: ("folder", "rows", "missing", "hold"),
    AUDIO: tuple(AUDIO_DEFAULTS),
}
#: What a stream with settings of another kind is not.
_SAID_OF = {BACKBONE: "a backbone", FEATURES: "features that are brought", AUDIO: "sound"}
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
        f"Configuration: streams.{name} is not a valid stream name, expected small letters, digits and _, "
        f"and none of {', '.join(_RESERVED)}."
        for name in kept
        if not _NAME.fullmatch(name) or name in _RESERVED
    ]
    if len(same := [name for name, settings in kept.items() if settings["kind"] == PHASE]) > 1:
        faults.append(
            f"Configuration: streams {' and '.join(sorted(same))} are both of kind {PHASE}, expected one at "
            "most; remove the other with null."
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
    standardised = network["standardise_pool5"] or has_own_backbone(settings)
    if kind == BACKBONE and "components" in settings and not standardised:
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
    if not all(map(_is_backbone, backbone_streams(value).values())):
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


def _is_backbone(settings: Settings) -> bool:
    """Return whether the values of a backbone's own settings are of their types."""
    texts = (settings.get(key) or "" for key in ("backbone", "weights", "sha256", "precision"))
    sizes = (settings.get(key) or 1 for key in ("input_size", "resize"))
    return all(isinstance(text, str) for text in texts) and all(isinstance(size, int) for size in sizes)


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


def backbone_streams(streams: Mapping[str, Settings]) -> dict[str, Settings]:
    """Return the streams of a backbone's features, by name."""
    return {name: settings for name, settings in streams.items() if settings["kind"] == BACKBONE}


def has_own_backbone(settings: Settings) -> bool:
    """Return whether a stream says itself what its features are, and not the section ``spatial`` alone."""
    return not settings.keys().isdisjoint(SPATIAL_RESULT)


def spatial_of(settings: Settings, spatial: Settings) -> dict[str, object]:
    """Return the section ``spatial`` that holds for one stream of a backbone.

    Its own settings come before those of `spatial`. Of another network, or of other weights, the hash,
    address and sizes there say nothing: they are null unless the stream has its own.
    """
    own = {key: settings[key] for key in _OWN_KEYS[BACKBONE] if key in settings}
    another = any(key in own and own[key] != spatial.get(key) for key in ("backbone", "weights"))
    return {**spatial, **(dict.fromkeys(_OF_ONE_NETWORK) if another else {}), **own}


def spatial_sections(streams: Mapping[str, Settings], spatial: Settings) -> dict[str, dict[str, object]]:
    """Return the section ``spatial`` that holds for every stream of a backbone, by the stream's name."""
    return {name: spatial_of(settings, spatial) for name, settings in backbone_streams(streams).items()}


def weights_of(streams: Mapping[str, Settings], spatial: Settings) -> str:
    """Return the weights that scores have to be shown with: ``random`` where those of any backbone are.

    Otherwise those of the first one; empty where no stream is one of a backbone.
    """
    weights = [str(section["weights"]) for section in spatial_sections(streams, spatial).values()]
    return "random" if "random" in weights else next(iter(weights), "")


def phase_stream(streams: Mapping[str, Settings]) -> str | None:
    """Return the name of the stream of phase differences; None where there is none."""
    return next((name for name, settings in streams.items() if settings["kind"] == PHASE), None)


def brought_streams(streams: Mapping[str, Settings]) -> dict[str, Settings]:
    """Return the streams of features that somebody brings, by name."""
    return {name: settings for name, settings in streams.items() if settings["kind"] == FEATURES}


def audio_streams(streams: Mapping[str, Settings]) -> dict[str, Settings]:
    """Return the streams of sound, by name."""
    return {name: settings for name, settings in streams.items() if settings["kind"] == AUDIO}


def stage_of(name: str, settings: Settings, spatial: Settings, configured: Settings) -> str:
    """Return the stage that computes a stream, which is the folder of its caches below ``results``.

    Parameters
    ----------
    name, settings
        The stream.
    spatial
        The section ``spatial`` that the stream is one of.
    configured
        That of the configuration, whose features are in a folder of their own.
    """
    if settings["kind"] == BACKBONE:
        return backbone_stage(spatial_of(settings, spatial), configured)
    return {PHASE: "phase", FEATURES: f"brought/{name}", AUDIO: f"audio/{name}"}[str(settings["kind"])]


def backbone_stage(spatial: Settings, configured: Settings) -> str:
    """Return the stage of the features that a section ``spatial`` gives, the same for the same features."""
    deciding, default = ({key: section[key] for key in SPATIAL_RESULT} for section in (spatial, configured))
    if deciding == default:
        return "features"
    digest = hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()
    return f"backbones/{re.sub(r'[^A-Za-z0-9_.]+', '-', str(spatial['backbone']))}-{digest[:8]}"


def backbones_of(
    streams: Mapping[str, Settings], spatial: Settings, configured: Settings
) -> dict[str, dict[str, object]]:
    """Return the section ``spatial`` of every stage that makes a backbone's features, once for equal ones."""
    sections = spatial_sections(streams, spatial).values()
    return {backbone_stage(section, configured): section for section in sections}


def portable(streams: Mapping[str, Settings]) -> dict[str, dict]:
    """Return the streams without what differs from machine to machine and changes no result.

    That is the folders of brought features, and how a backbone's are computed.
    """
    return {
        name: {key: value for key, value in settings.items() if key not in ("folder", *SPATIAL_SPEED)}
        for name, settings in streams.items()
    }


def section_of_stage(
    stage: str, streams: Mapping[str, Settings], spatial: Settings, configured: Settings
) -> tuple[str, dict[str, object]] | None:
    """Return where it is said what the features of a stage are, and the section ``spatial`` that holds there.

    That is ``streams.<name>`` where the stream has settings of its own, and ``spatial`` otherwise; None
    where no stream has these features. The parameters are those of `stage_of`.
    """
    for name, settings in backbone_streams(streams).items():
        section = spatial_of(settings, spatial)
        if backbone_stage(section, configured) == stage:
            alone = settings.keys().isdisjoint(_OWN_KEYS[BACKBONE])
            return "spatial" if alone else f"streams.{name}", section
    return None
