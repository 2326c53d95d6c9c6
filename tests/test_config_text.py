"""Values typed on the command line, which arrive as text, and values that do not go together."""

import copy

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from mimamo.config import check_config, convert_text
from mimamo.errors import ConfigError
from support.configuration import read
from support.paths import REPO

SCHEMA = REPO / "workflow/schemas/config.schema.yaml"
DEFAULT = read(REPO / "config.yaml")


def typed(*entries: str) -> dict:
    """The configuration with entries of ``--config``, read by Snakemake itself."""
    config = copy.deepcopy(DEFAULT)
    update_config(config, parse_config(list(entries)))
    convert_text(config, SCHEMA)
    return config


def leaves(tree: object, path: tuple = ()) -> dict:
    """Every value by its path."""
    if isinstance(tree, dict):
        return {key: leaf for name in tree for key, leaf in leaves(tree[name], (*path, name)).items()}
    return {path: tree}


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("training={epochs: 2}", {"training.epochs": 2}),
        ("training={learning_rate: 3e-3}", {"training.learning_rate": 0.003}),
        ("training={weight_decay: 0}", {"training.weight_decay": 0}),
        ("training={milestones: [5, 10]}", {"training.milestones": [5, 10]}),
        ("training={flip: false}", {"training.flip": False}),
        ("strict=true", {"strict": True}),
        ("strict=False", {"strict": False}),
        ("data={validation: null}", {"data.validation": None}),
        ("data={validation: ~, test_list: }", {"data.validation": None, "data.test_list": None}),
        ("data={videos: [], crops: [2021, null]}", {"data.videos": [], "data.crops": ["2021", "null"]}),
        (
            "spatial={backbone: convnext_tiny, weights: imagenet, input_size: null, resize: null}",
            {
                "spatial.backbone": "convnext_tiny", "spatial.weights": "imagenet",
                "spatial.input_size": None, "spatial.resize": None,
            },
        ),
        ("data={first_frame: 0}", {"data.first_frame": 0}),
        ("data={first_frame: auto}", {"data.first_frame": "auto"}),
        ("data={crop_names: frame_det_00_%06d.bmp}", {"data.crop_names": "frame_det_00_%06d.bmp"}),
        ("network={head: none}", {"network.head": "none"}),
        ("root=null", {"root": "null"}),
        ("batch_names=7", {"batch_names": 7}),
    ],
)  # fmt: skip
def test_text_is_taken_as_what_the_schema_asks_for(entry, wanted):
    config = typed(entry)
    assert check_config(config, SCHEMA) is None
    found, before = leaves(config), leaves(DEFAULT)
    changed = {".".join(path): value for path, value in found.items() if value != before[path]}
    given = {path: value for path, value in wanted.items() if before[tuple(path.split("."))] != value}
    assert changed == given
    for path, value in wanted.items():
        assert type(found[tuple(path.split("."))]) is type(value)


def test_keys_keep_their_order_wherever_they_are_given():
    """As Snakemake does it: what is typed comes first, and the file is merged into it."""
    config = parse_config(["training={epochs: 14}", "data={videos: auto}", "strict=false"])
    update_config(config, copy.deepcopy(DEFAULT))
    convert_text(config, SCHEMA)
    assert config == DEFAULT and str(config) == str(DEFAULT)


def test_every_default_can_be_typed():
    """Of every section at once: what is typed as text comes back as it stands in the file."""
    entries = [
        f"{key}={yaml.safe_dump(value, default_flow_style=True, width=10**6).splitlines()[0]}"
        for key, value in DEFAULT.items()
    ]
    assert typed(*entries) == DEFAULT


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            "training={epochs: two}",
            "training.epochs is 'two', expected integer, for example --config \"training={epochs: 25}\"",
        ),
        ("training={epochs: 2.5}", "training.epochs is '2.5', expected integer"),
        ("training={learning_rate: nan}", "training.learning_rate is 'nan', expected number"),
        ("training={learning_rate: 1e999}", "training.learning_rate is '1e999', expected number"),
        ("strict=yes", "strict is 'yes', expected boolean, for example --config strict=false"),
        ("spatial={input_size: none}", "spatial.input_size is 'none', expected integer or null"),
        ("root=2021", "root is 2021, expected string"),
        ("training={milestones: [5, x]}", "training.milestones.1 is 'x', expected integer"),
    ],
)
def test_text_that_fits_nothing_is_refused_with_how_to_type_it(entry, said):
    with pytest.raises(ConfigError) as caught:
        check_config(typed(entry), SCHEMA)
    assert f"Configuration: {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("training={hop: 65}", "training.hop is 65, expected at most training.window, which is 64"),
        ("training={gpus: 9}", "training.gpus is 9, expected at most training.batch_size, which is 8"),
    ],
)
def test_values_that_do_not_go_together_are_refused(entry, said):
    with pytest.raises(ConfigError, match=f"^Configuration: {said}: "):
        check_config(typed(entry), SCHEMA)
    assert check_config(typed("training={hop: 64, gpus: 8}"), SCHEMA) is None
