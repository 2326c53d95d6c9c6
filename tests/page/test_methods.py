import re

from mimamo.page import methods
from mimamo.page.methods import BIBTEX, methods_paragraph
from mimamo.storage.files import read_csv
from mimamo.streams import AUDIO_DEFAULTS
from support.configuration import read
from support.fold import FEATURES
from support.paths import REPO

RECORDS = {"appearance": FEATURES}


def test_all_that_is_cited_is_in_the_references_and_the_numbers_are_the_runs(tiny, page):
    paragraph = re.search(r'aria-label="Methods paragraph in LaTeX">(.*?)</pre>', page, re.DOTALL)[1]
    keys = set(re.findall(r"@\w+\{(\w+),", BIBTEX))
    assert keys == set(re.findall(r"\\cite\{(\w+)\}", paragraph))
    scores = re.search(r"the CCC over ([\d,]+) frames was (-?[\d.]+)", paragraph)
    pooled = read_csv(tiny.results / "scores.csv").query("scope == 'pooled'").iloc[0]
    assert int(scores[1].replace(",", "")) == pooled["frames"] and scores[2] == f"{pooled['ccc_valence']:.3f}"


def test_sound_is_described_by_its_sizes():
    class NoTables:
        scores = check = None

    config = read(REPO / "config.yaml")
    config["streams"]["voice"] = {"kind": "audio", **AUDIO_DEFAULTS, "bands": 40}
    assert (
        "The stream voice takes the mean of 5 log-mel frames of the video's sound around each frame (40 "
        "bands from 125 to 7500 Hz, windows of 25 ms every 10 ms)."
    ) in methods_paragraph(config, "", RECORDS, NoTables())


def test_what_the_recommended_preset_adds_to_the_network_is_described():
    config = read(REPO / "config.yaml")
    plain = methods._network(config)
    assert "ridge regression" not in plain and "principal components" not in plain and "centred" not in plain
    config["network"] |= read(REPO / "presets/recommended.yaml")["network"]
    paragraph = methods._network(config)
    assert "added to a ridge regression on the features of single frames" in paragraph
    assert "added was centred over each video, in proportion to the slope" in paragraph
    assert "reduced to 32 whitened principal components" in paragraph
    # Neither is there without features.
    config["streams"] = {"motion": {"kind": "phase"}}
    assert methods._network(config) == plain


def test_a_name_of_a_folder_is_text_to_latex():
    class NoTables:
        scores = check = None

    config = read(REPO / "config.yaml") | {"root": "/data/50%_of_{mine}"}
    paragraph = methods_paragraph(config, "", RECORDS, NoTables())
    assert r"the data set 50\%\_of\_\{mine\}:" in paragraph and "CCC" not in paragraph
    assert "Aff-Wild2" in methods_paragraph(config, "ABAW3 or later", RECORDS, NoTables())
