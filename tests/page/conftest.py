"""The page of the tiny run, with more evidence and hostile text."""

import pytest

from mimamo.corpus.layout_search import fill_in
from mimamo.demo.cast import LAYOUT
from mimamo.evidence.comparison import write_comparison
from mimamo.storage.files import read_csv, write_csv
from support import browser
from support.configuration import merged
from support.page import HOSTILE, hostile_page
from support.paths import TINY


@pytest.fixture(scope="session")
def chromium():
    if (reason := browser.obstacle()) is not None:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=browser.program(), args=["--no-sandbox"])


@pytest.fixture(scope="session")
def config(repo) -> dict:
    config = merged(repo / "config.yaml", TINY)
    return config | {"data": fill_in(config["data"], LAYOUT).data}


@pytest.fixture(scope="session")
def evidence(tiny, tmp_path_factory) -> dict[str, str]:
    """The run's own tables, and one of ablations, which it does not make."""
    path = tmp_path_factory.mktemp("evidence") / "ablations.csv"
    prices = read_csv(tiny.results / "gap_prices.csv").rename(columns={"policy": "variant"})
    prices["variant"] = ["both", "spatial", "temporal", "head_tcn"]
    prices.loc[1, ["difference_valence", "difference_valence_low", "difference_valence_high"]] = (
        -0.5,
        -0.625,
        -0.25,
    )
    write_csv(prices, path)
    protocol = [{"merged": str(tiny.results / name)} for name in ("scores.csv", "variants.csv")]
    write_comparison(*protocol, path.with_name("comparison.csv"), published=True)
    made = {
        "comparison": str(path.with_name("comparison.csv")),
        "variants": str(tiny.results / "variants.csv"),
    }
    phase = path.with_name("phase_comparison.csv")
    phase.write_text(
        "method,level,step,correlation,wrong_direction,window_dependence,note\n"
        "ours,1,0.500000,0.912345,0.010000,0.000000,\npublished,1,0.500000,0.412345,0.110000,0.700000,\n"
    )
    doctor = path.with_name("doctor.csv")
    doctor.write_text(
        "name,subset,verdict,check,severity,frames,wrong,done,remedy\n"
        f",,,lists with unexpected content,note,,the header 'name' in line 1,{HOSTILE},\n"
        "105,train,ok,labels that are all zero,note,1-6 9,found 0 for both,used,download it again\n"
        "105,train,ok,frames without a crop,note,7,found none,not trained on,\n"
    )
    search = path.with_name("trials.csv")
    search.write_text(
        "trial,state,value,epochs,hours,note,network.head,training.learning_rate\n"
        "0,complete,0.311111,28,0.500000,,gru,0.003\n"
        f"1,failed,,3,0.100000,diverged,{HOSTILE},0.9123456789\n"
        "2,pruned,0.233333,14,0.300000,,tcn,0.001\n"
        "3,complete,0.422222,28,0.500000,,tcn,0.0021234567\n"
    )
    others = {"phase_comparison": str(phase), "symptoms": str(doctor), "search": str(search)}
    return {**made, "ablations": str(path), **others}


@pytest.fixture(scope="session")
def page(tiny, config, evidence, tmp_path_factory) -> str:
    return hostile_page(tiny, config, evidence, tmp_path_factory.mktemp("page"))
