"""How the page looks in a real browser, and what can be done with it there."""

import re

import numpy as np
import pytest
from PIL import Image

from support.browser import open_page, until

SCREENS = [(width, scheme) for width in (1400, 400) for scheme in ("light", "dark")]
#: What the script says of the colours that it has drawn the plots in.
DRAWN = "document.documentElement.dataset.drawn"
RANGE = "document.getElementById('plot-best').layout.xaxis2.range"


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
        open_page(tab, tiny.results / "report.html")
        assert tab.evaluate(DRAWN) == scheme
        opened[width] = tab, told, asked
    return opened


def show(tabs, width: int, scheme: str):
    """Give the tab of a width after the screen was switched to a scheme, with what was told and asked for."""
    tabs[width][0].emulate_media(color_scheme=scheme)
    until(tabs[width][0], DRAWN, lambda drawn: drawn == scheme)
    return tabs[width]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_browser_complains_of_nothing_and_asks_for_nothing(tabs, width, scheme):
    tab, told, asked = show(tabs, width, scheme)
    assert told == []
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [tab.url]
    assert tab.locator(".plot .main-svg").count() >= tab.locator(".plot").count() > 9


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_is_wider_than_the_screen(tabs, width, scheme):
    tab, *_ = show(tabs, width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    beyond = """boxes => boxes.filter(box => box.getBoundingClientRect().right > innerWidth + 1
                                      || box.querySelector('.main-svg').clientWidth > box.clientWidth + 1)
                              .map(box => box.id)"""
    assert tab.eval_on_selector_all(".plot", beyond) == []


@pytest.mark.parametrize("width", [1400, 800, 400])
def test_a_number_of_millions_stays_on_one_line_inside_its_tile(chromium, tiny, width):
    tab = chromium.new_context(viewport={"width": width, "height": 900}, offline=True).new_page()
    open_page(tab, tiny.results / "report.html")
    script = """values => values.map(value => {
        const range = document.createRange()
        value.textContent = '1,935,422'
        value.style.setProperty('--characters', 9)
        range.selectNodeContents(value)
        return [range.getClientRects().length, range.getBoundingClientRect().width <= value.clientWidth]
    })"""
    texts = tab.eval_on_selector_all(".tile .value", "values => values.map(value => value.outerHTML)")
    assert all(f"--characters: {len(re.sub('<.*?>', '', text))}" in text for text in texts)
    assert tab.eval_on_selector_all(".tile .value", script) == [[1, True]] * 5


def test_no_column_is_cut_on_a_wide_screen(tabs):
    tab, *_ = show(tabs, 1400, "light")
    cut = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.innerText)"
    assert tab.eval_on_selector_all(".scroll", cut) == []


@pytest.mark.parametrize("width", [1400, 400])
def test_light_and_dark_are_what_they_say_with_their_plots(tabs, width, tmp_path):
    means = {}
    for scheme in ("light", "dark"):
        tab, *_ = show(tabs, width, scheme)
        plot = tab.locator("#plot-best")
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
    plot = tab.locator("#plot-best")
    plot.scroll_into_view_if_needed()
    whole = shown(tab)
    drag(tab, plot.bounding_box(), 0.3, 0.6, height=0.2)
    until(tab, RANGE, lambda seen: seen[0] > whole[0])
    first, last = shown(tab)
    assert whole[0] < first < last < whole[1] and 0.1 < (last - first) / (whole[1] - whole[0]) < 0.5
    # Both dimensions show the same frames.
    assert tuple(tab.evaluate("document.getElementById('plot-best').layout.xaxis.range")) == (first, last)
    box = plot.bounding_box()
    tab.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    until(tab, RANGE, lambda seen: seen[0] == whole[0])
    handle = tab.locator("#plot-best .rangeslider-grabber-min").bounding_box()
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
    sliders = "boxes => boxes.map(box => box.layout.xaxis2.rangeslider.visible)"
    assert set(tab.eval_on_selector_all(".plot.trace", sliders)) == {False}
    assert tab.locator("details:not([open])").count() == 0 < tab.locator("details").count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(DRAWN) == "dark" and tab.locator("details[open]").count() == 0
    content = tab.pdf(prefer_css_page_size=True)
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 24
    assert tab.evaluate(DRAWN) == "dark" and told == []
