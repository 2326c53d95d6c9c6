"""The page that a person opens first: what it holds, and how it looks in a real browser."""

import json
import re
import shutil
import time
from collections import Counter

import browser
import numpy as np
import pytest
import yaml
from PIL import Image
from snakemake.utils import update_config
from workflow_runs import TINY, jobs, snakemake, without_durations

from mimamo.figures.style import BLUE, VERMILLION
from mimamo.page.build import Sources, make_page
from mimamo.page.charts import trace_chart
from mimamo.page.colours import DARK
from mimamo.page.evidence import KINDS
from mimamo.page.run import durations, in_words
from mimamo.page.strip import motion
from mimamo.storage.files import read_csv, write_csv

SCREENS = [(width, scheme) for width in (1400, 400) for scheme in ("light", "dark")]
#: What the script says of the colours that it has drawn the plots in.
DRAWN = "document.documentElement.dataset.drawn"
RANGE = "document.getElementById('plot-trace0').layout.xaxis2.range"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def config(repo) -> dict:
    merged = yaml.safe_load((repo / "config.yaml").read_text())
    update_config(merged, yaml.safe_load(TINY.read_text()))
    return merged


@pytest.fixture(scope="module")
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
    made = {key: str(tiny.results / f"{key}.csv") for key in ("comparison", "variants")}
    phase = path.with_name("phase_comparison.csv")
    phase.write_text(
        "method,level,step,correlation,wrong_direction,window_dependence,note\n"
        "ours,1,0.500000,0.912345,0.010000,0.000000,\npublished,1,0.500000,0.412345,0.110000,0.700000,\n"
    )
    return {**made, "ablations": str(path), "phase_comparison": str(phase)}


@pytest.fixture(scope="module")
def page(tiny, config, evidence, tmp_path_factory) -> str:
    """The page of the tiny run with more evidence, hostile text in a table, and no faces."""
    folder = tmp_path_factory.mktemp("page")
    audit = read_csv(tiny.results / "audit.csv")
    audit.loc[0, ["verdict", "reason"]] = ["repaired", HOSTILE]
    write_csv(audit, folder / "audit.csv")
    return make(tiny, config, folder, faces=False, others={**evidence, "gap_prices": "nowhere.csv"})


def make(tiny, config, folder, faces: bool, others: dict[str, str]) -> str:
    results = tiny.results
    sources = Sources(
        histories=sorted(results.glob("train/*/history.csv")),
        predictions=sorted(results.glob("predictions/*.csv")),
        phase=sorted(results.glob("phase/0*")),
        features=sorted(path for path in results.glob("features/0*") if path.is_dir()),
        audit=folder / "audit.csv",
        summary=results / "labels_summary.csv",
        check=results / "submission/check.csv",
        labels=results / "labels",
        benchmarks=folder / "none",
        others=others,
        **{name: results / f"{name}.csv" for name in ("scores", "baseline", "folds", "gaps")},
    )
    corpus = str(results / "demo/corpus")
    make_page(sources, config, corpus, demo=True, faces=faces, rule="page", out=folder / "report.html")
    return (folder / "report.html").read_text()


def plots(text: str) -> dict[str, dict]:
    """Every plot of a page by its key."""
    pattern = r'id="plot-([\w]+)"><script type="application/json">(.*?)</script>'
    return {key: json.loads(found) for key, found in re.findall(pattern, text, re.DOTALL)}


def without_scripts(text: str) -> str:
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def pictures(text: str) -> Counter:
    """How many pictures of each form a page has, without those that Plotly brings."""
    return Counter(re.findall(r'<img[^>]* src="data:image/(\w+);base64,', without_scripts(text)))


def colours(tree: object) -> set[str]:
    """Every colour in a plot."""
    if isinstance(tree, dict):
        return set().union(*map(colours, tree.values()))
    if isinstance(tree, list):
        return set().union(*map(colours, tree))
    return {tree} if isinstance(tree, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}|rgba?\(.*\)", tree) else set()


# What it holds.


def test_page_of_the_run_holds_what_a_person_looks_for(tiny):
    path = tiny.results / "report.html"
    text = path.read_text()
    assert path.stat().st_size < 8_000_000
    pooled = read_csv(tiny.results / "scores.csv").query("scope == 'pooled'").iloc[0]
    for dimension in ("valence", "arousal"):
        assert f"{pooled[f'ccc_{dimension}']:.2f}".replace("-", "−") in text
    assert {"scores", "videos", "loss", "trace0", "trace1", "trace2", "density_truth", "durations"} <= set(
        plots(text)
    )
    assert "says nothing about Aff-Wild2" in text and "Spatial features from" not in text
    assert pictures(text) == {"jpeg": 8, "png": 16}
    for file in ("per_video/", "predictions.txt", "submission.zip", "check.csv"):
        assert f'href="submission/{file}"' in text and (tiny.results / "submission" / file).exists()
    assert "The submission against the known truth" in text
    # The job of the page itself has not been measured when it is written.
    assert {"train", "others"} <= set(plots(text)["durations"]["data"][0]["y"])


def test_what_was_not_made_is_said_with_the_command_that_makes_it(page):
    told = re.findall(r"Not made in this run. <code>(.*?)</code>", page)
    assert told == [kind.made_by for kind in KINDS if kind.key == "gap_prices"]


def test_evidence_is_shown_and_other_peoples_numbers_are_marked(page):
    shown = plots(page)
    symbols = shown["comparison0_ccc"]["data"][0]["marker"]["symbol"]
    assert symbols[0] == "circle" and symbols[-1] == "circle-open"
    other = re.findall(r'<tr class="other">.*?</tr>', page, re.DOTALL)
    assert len(other) == symbols.count("circle-open") > 5
    assert all("other people&#39;s number" in row.replace("'", "&#39;") for row in other)
    report = next(row for row in other if "2105.01502" in row)
    assert "0.415" in report and "0.511" in report
    # The reference has no difference to itself.
    assert shown["ablations0_difference"]["data"][0]["customdata"] == ["spatial", "temporal", "head tcn"]
    assert '−0.500 <span class="interval">−0.625 to −0.250</span>' in page
    assert shown["ablations0_difference"]["data"][0]["error_x"]["arrayminus"] is not None
    assert "0.912" in page and "0.412" in page
    assert "savitzky golay" in page and "out of fold" in page


def test_text_of_tables_is_text(page):
    assert HOSTILE not in page and "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert len(re.findall("<(?:img|script)", without_scripts(page))) == sum(pictures(page).values())


def test_faces_stay_out_unless_they_may_be_shown(page):
    assert pictures(page) == {"png": 16}
    assert "report: {faces: true}" in page


def test_page_says_the_same_every_time(tiny, config, evidence, tmp_path, page):
    audit = read_csv(tiny.results / "audit.csv")
    audit.loc[0, ["verdict", "reason"]] = ["repaired", HOSTILE]
    write_csv(audit, tmp_path / "audit.csv")
    again = make(tiny, config, tmp_path, faces=False, others={**evidence, "gap_prices": "nowhere.csv"})
    assert again == page
    first = (tiny.results / "report.html").read_bytes()
    assert len(without_durations(first)) < len(first) and b"plot-durations" not in without_durations(first)


def test_every_colour_has_another_on_a_dark_screen(page):
    used = set().union(*(colours(plot) for plot in plots(page).values()))
    assert {BLUE, VERMILLION} < used <= set(DARK)
    assert len(set(DARK.values())) == len(DARK)


def test_a_long_video_with_many_gaps_makes_a_small_plot():
    from mimamo.figures.traces import Trace

    values = {name: np.sin(np.arange(26_000) / 300) for name in ("valence", "arousal")}
    gaps = np.arange(26_000) % 20 < 3
    plot = trace_chart(Trace("t", values, values, {}, {"no crop, no prediction": gaps})).to_json()
    assert len(plot) < 1_500_000 and len(json.loads(plot)["data"]) == 6


def test_motion_is_clear_where_nothing_moves_and_has_a_colour_for_each_sign():
    image = np.asarray(motion(np.array([[0.0, 1.0, -1.0, 9.0]]), limit=1.0))
    assert image[0, 0, 3] == 0 and image[0, 1, 3] == image[0, 2, 3] == image[0, 3, 3] == 255
    assert image[0, 1, 0] > image[0, 1, 2] and image[0, 2, 0] < image[0, 2, 2]


def test_durations_are_added_up_by_rule(tmp_path):
    (tmp_path / "train").mkdir()
    head = "s\th:m:s\tmax_rss\n"
    (tmp_path / "train/fold0.tsv").write_text(f"{head}10.5\t0:00:10\t300.25\n")
    (tmp_path / "official/train").mkdir(parents=True)
    (tmp_path / "official/train/fold1.tsv").write_text(f"{head}2.0\t0:00:02\t-\n")
    (tmp_path / "audit.tsv").write_text(f"{head}20\t0:00:20\tNA\n")
    (tmp_path / "page.tsv").write_text(f"{head}99\t0:01:39\t1\n")
    assert durations(tmp_path, leave_out="page") == [
        {"rule": "audit", "jobs": 1, "seconds": 20.0, "memory": 0.0},
        {"rule": "train", "jobs": 2, "seconds": 12.5, "memory": 300.25},
    ]
    assert [in_words(s) for s in (3.2, 600, 7200, 900_000)] == ["3 s", "10 min", "2 h 0 min", "10.4 days"]


def test_editing_the_page_makes_nothing_but_the_page_anew(checkout, tiny):
    edited = [checkout / "workflow/mimamo/page" / name for name in ("template/page.css", "charts.py")]
    kept = [shutil.copy2(path, path.with_name(f"{path.name}.kept")) for path in edited]
    try:
        for path, mark in zip(edited, ("/* Edited. */", "# Edited."), strict=True):
            path.write_text(f"{path.read_text()}\n{mark}\n")
        shutil.move(kept[0], checkout / "kept.css")
        run = snakemake(checkout, tiny.folder, "--configfile", TINY, "--dry-run")
    finally:
        shutil.move(checkout / "kept.css", edited[0])
        shutil.move(kept[1], edited[1])
    assert set(jobs(run)) == {"page", "all"}, run.text


# How it looks.


@pytest.fixture(scope="module")
def chromium():
    if (reason := browser.obstacle()) is not None:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=browser.program(), args=["--no-sandbox"])


@pytest.fixture(scope="module")
def tabs(chromium, tiny):
    """The page of the run on a wide light and a narrow dark screen, with what the browser said and asked."""
    opened = {}
    for width, scheme in {1400: "light", 400: "dark"}.items():
        screen = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        tab, told, asked = chromium.new_context(**screen, offline=True).new_page(), [], []
        tab.on("console", lambda message, told=told: told.append(message.text))
        tab.on("pageerror", lambda error, told=told: told.append(str(error)))
        tab.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.goto((tiny.results / "report.html").as_uri())
        assert tab.evaluate(DRAWN) == scheme
        opened[width] = tab, told, asked
    return opened


def show(tabs, width: int, scheme: str):
    """Give the tab of a width after the screen was switched to a scheme, with what was told and asked for."""
    tabs[width][0].emulate_media(color_scheme=scheme)
    until(tabs[width][0], DRAWN, lambda drawn: drawn == scheme)
    return tabs[width]


def until(tab, script: str, wanted) -> None:
    """Wait for a value. Playwright's own way needs eval, which the page forbids."""
    deadline = time.monotonic() + 20
    while not wanted(found := tab.evaluate(script)):
        assert time.monotonic() < deadline, (script, found)
        tab.wait_for_timeout(20)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_browser_complains_of_nothing_and_asks_for_nothing(tabs, width, scheme):
    tab, told, asked = show(tabs, width, scheme)
    assert told == []
    assert [url for url in asked if not url.startswith("data:")] == [tab.url]
    assert tab.locator(".plot .main-svg").count() >= tab.locator(".plot").count() > 9


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_is_wider_than_the_screen(tabs, width, scheme):
    tab, *_ = show(tabs, width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    beyond = """boxes => boxes.filter(box => box.getBoundingClientRect().right > innerWidth + 1
                                      || box.querySelector('.main-svg').clientWidth > box.clientWidth + 1)
                              .map(box => box.id)"""
    assert tab.eval_on_selector_all(".plot", beyond) == []


@pytest.mark.parametrize("width", [1400, 400])
def test_light_and_dark_are_what_they_say_with_their_plots(tabs, width, tmp_path):
    means = {}
    for scheme in ("light", "dark"):
        tab, *_ = show(tabs, width, scheme)
        plot = tab.locator("#plot-trace0")
        plot.scroll_into_view_if_needed()
        for part, target in {"page": tab, "plot": plot}.items():
            target.screenshot(path=tmp_path / f"{part}.png")
            means[scheme, part] = np.asarray(Image.open(tmp_path / f"{part}.png").convert("L")).mean()
    assert min(means["light", "page"], means["light", "plot"]) > 200, means
    assert max(means["dark", "page"], means["dark", "plot"]) < 70, means


def test_plots_follow_a_change_of_the_screens_colours(tabs):
    ground = "getComputedStyle(document.querySelector('#plot-scores .main-svg')).backgroundColor"
    seen = [show(tabs, 1400, scheme)[0].evaluate(ground) for scheme in ("light", "dark", "light")]
    assert seen == ["rgb(252, 252, 251)", "rgb(23, 25, 28)", "rgb(252, 252, 251)"]


def shown(tab) -> tuple[float, float]:
    """The frames that the first plot of a video shows, from and to."""
    return tuple(tab.evaluate(RANGE))


def drag(tab, box, start: float, end: float, height: float) -> None:
    """Press the mouse at one place of a box, move to another and let go; places as shares of its sides."""
    places = [(box["x"] + share * box["width"], box["y"] + height * box["height"]) for share in (start, end)]
    tab.mouse.move(*places[0])
    tab.mouse.down()
    tab.mouse.move(*places[1], steps=8)
    tab.mouse.up()


def test_dragging_zooms_a_double_click_comes_back_and_the_slider_works(tabs):
    tab, told, _ = show(tabs, 1400, "dark")
    plot = tab.locator("#plot-trace0")
    plot.scroll_into_view_if_needed()
    whole = shown(tab)
    drag(tab, plot.bounding_box(), 0.3, 0.6, height=0.2)
    until(tab, RANGE, lambda seen: seen[0] > whole[0])
    first, last = shown(tab)
    assert whole[0] < first < last < whole[1] and 0.1 < (last - first) / (whole[1] - whole[0]) < 0.5
    # Both dimensions show the same frames.
    assert tuple(tab.evaluate("document.getElementById('plot-trace0').layout.xaxis.range")) == (first, last)
    box = plot.bounding_box()
    tab.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    until(tab, RANGE, lambda seen: seen[0] == whole[0])
    handle = tab.locator("#plot-trace0 .rangeslider-grabber-min").bounding_box()
    tab.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(handle["x"] + 300, handle["y"], steps=8)
    tab.mouse.up()
    until(tab, RANGE, lambda seen: seen[0] > whole[0] + 5)
    assert shown(tab)[1] == pytest.approx(whole[1]) and told == []


def test_on_paper_it_has_pages_and_is_light(tabs):
    tab, told, _ = show(tabs, 1400, "dark")
    # What a browser does before it prints, seen while it lasts.
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate(DRAWN) == "paper"
    widths = tab.eval_on_selector_all(
        ".plot:not(.half, .third)", "boxes => boxes.map(box => box.layout.width)"
    )
    assert set(widths) == {670}
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(DRAWN) == "dark"
    content = tab.pdf(prefer_css_page_size=True)
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 20
    assert tab.evaluate(DRAWN) == "dark" and told == []
