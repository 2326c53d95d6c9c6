"""Any video of a page in a real browser: chosen, linked, played, and loaded from beside the page."""

import pytest

from mimamo.page import videos
from support.browser import open_page, until
from support.page import make
from support.page import videos as videos_of

BOX = "document.getElementById('plot-video')"
CURVE = f"{BOX}.data.find(curve => curve.meta.kind === 'prediction').y"
CHOSEN = "document.getElementById('video').value"
SAID = "document.getElementById('values').textContent"


@pytest.fixture(scope="module")
def data(tiny) -> dict[str, dict]:
    return videos_of((tiny.results / "report.html").read_text())


@pytest.fixture
def tab(chromium, tiny):
    tab = chromium.new_context(viewport={"width": 1400, "height": 900}, offline=True).new_page()
    open_page(tab, tiny.results / "report.html")
    yield tab
    tab.context.close()


def test_a_video_is_chosen_by_name_by_buttons_and_by_a_link(tab, tiny, data):
    names, first = list(data), tab.evaluate(CURVE)
    other = next(name for name in names if data[name]["kind"] == "test name" and data[name]["prediction"])
    tab.select_option("#video", other)
    until(tab, CURVE, lambda seen: seen != first)
    assert len(tab.evaluate(CURVE)) == data[other]["frames"]
    assert tab.url.endswith(f"#video={other}")
    # Of the last one no frame was predicted.
    tab.select_option("#video", names[-1])
    until(tab, CURVE, lambda seen: seen == [] and data[names[-1]]["prediction"] is None)
    tab.click("#next")
    until(tab, CHOSEN, lambda name: name == names[0])
    tab.click("#previous")
    until(tab, CHOSEN, lambda name: name == names[-1])
    open_page(tab, tiny.results / "report.html", f"#video={names[1]}")
    tab.reload()
    until(tab, "document.documentElement.dataset.videos", lambda seen: seen == "ready")
    assert tab.evaluate(CHOSEN) == names[1]


def test_a_click_on_a_dot_shows_its_video(tab):
    other = tab.evaluate("document.getElementById('plot-videos').data[0].customdata")[-1][0]
    assert tab.evaluate(CHOSEN) != other
    click = f"{{points: [{{customdata: ['{other}', 1]}}]}}"
    tab.evaluate(f"document.getElementById('plot-videos').emit('plotly_click', {click})")
    until(tab, CHOSEN, lambda name: name == other)
    until(tab, "document.getElementById('any-video').getBoundingClientRect().y", lambda top: top < 900)


def test_time_is_shown_in_seconds_by_the_rate_of_the_container(tab, data):
    video = data[tab.evaluate(CHOSEN)]
    tab.select_option("#unit", "seconds")
    until(tab, f"{BOX}.layout.xaxis2.title.text", lambda text: text == "seconds")
    assert tab.evaluate(f"{BOX}.layout.xaxis2.range")[1] == pytest.approx(
        (video["frames"] - 0.5) / video["rate"]
    )


def test_a_video_is_played_and_moved_by_keys_with_its_crops(tab, data):
    video = data[tab.evaluate(CHOSEN)]
    before = tab.evaluate("getComputedStyle(document.getElementById('crop')).backgroundPosition")
    # As on a busy machine, where the browser began to draw before the click was handled.
    tab.evaluate(
        "{ const draw = requestAnimationFrame;"
        " window.requestAnimationFrame = (step) => draw((time) => step(time - 500)); }"
    )
    tab.click("#play")
    until(tab, "Number(document.getElementById('position').value)", lambda frame: frame > 20)
    tab.click("#play")
    assert tab.evaluate("getComputedStyle(document.getElementById('crop')).backgroundPosition") != before
    frame = int(tab.evaluate("document.getElementById('position').value"))
    assert tab.evaluate(SAID).startswith(f"Frame {frame} ({(frame - 1) / video['rate']:.2f} s): valence ")
    tab.focus("#position")
    tab.keyboard.press("ArrowRight")
    until(tab, SAID, lambda text: text.startswith(f"Frame {frame + 1} "))
    assert tab.evaluate(f"{BOX}.layout.shapes[0].x0") == frame + 1


def test_a_video_that_is_not_in_the_page_is_loaded_from_beside_it(
    chromium, tiny, config, tmp_path, monkeypatch
):
    monkeypatch.setattr(videos, "MOST_IN_PAGE", 0)
    (tmp_path / "audit.csv").write_bytes((tiny.results / "audit.csv").read_bytes())
    inside = videos_of(make(tiny, config, tmp_path, faces=False, others={}))
    tab = chromium.new_context(offline=True).new_page()
    open_page(tab, tmp_path / "report.html")
    outside = tab.evaluate(
        "[...document.getElementById('video').options].filter(one => one.dataset.file).map(one => one.value)"
    )
    assert len(inside) == 3 and len(outside) > 3
    first = tab.evaluate(CURVE)
    tab.select_option("#video", outside[0])
    until(tab, CURVE, lambda seen: seen != first)
    for path in (tmp_path / "traces").iterdir():
        path.unlink()
    tab.select_option("#video", outside[1])
    until(tab, SAID, lambda text: text.endswith("is not beside this page: copy the folder traces/ with it."))
