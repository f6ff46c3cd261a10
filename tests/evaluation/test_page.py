"""The page, opened from disk in a real browser that has no network."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas
import pytest

from gan_lessons.evaluation import Evaluation, examine
from gan_lessons.evaluation.comparison import compare_alike
from gan_lessons.evaluation.page import render_page
from gan_lessons.evaluation.page.maps import KINDS
from gan_lessons.evaluation.trusted import Trusted
from gan_lessons.image import Image
from gan_lessons.metrics.trust import judge_structure


@pytest.fixture(scope="session")
def page_text(found):
    files = [{"name": "raw", "path": "<b>.tif", "sha256": "ab" * 32, "made": '{"method": "fluo-2d"}'}]
    return render_page(found, title="cells & more.tif", settings={"command": "gan-lessons evaluate"}, files=files)


@pytest.fixture(scope="session")
def page_file(page_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page_text, encoding="utf-8")
    return path


@pytest.fixture
def page(browser, page_file):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    opened = context.new_page()
    opened.complaints, opened.requests = [], []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.goto(page_file.as_uri())
    yield opened
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    context.close()


def divider(page):
    return int(page.locator("#divider").input_value()), page.locator("#left-image").evaluate("e => e.style.clipPath")


def test_keys_move_the_divider(page):
    assert divider(page) == (50, "inset(0px 50% 0px 0px)")
    page.locator("#divider").focus()
    page.keyboard.press("ArrowRight")
    assert divider(page) == (51, "inset(0px 49% 0px 0px)")
    page.keyboard.press("Home")
    assert divider(page) == (0, "inset(0px 100% 0px 0px)")
    told = page.locator("#divider").get_attribute("aria-valuetext")
    assert told == "0 % raw, 100 % <restored>"
    outline = page.locator("#stage").evaluate("e => getComputedStyle(e).outlineWidth")
    assert outline == "3px"  # where the keys go can be seen


def test_the_mouse_moves_the_divider(page):
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 50, steps=4)
    page.mouse.up()
    assert divider(page)[0] == 20
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 50)
    assert divider(page)[0] == 20  # only while the button is down


def test_any_two_images_can_be_compared(page):
    page.select_option("#left", "wiener")
    page.select_option("#right", "reference")
    shown = page.locator("#left-image").get_attribute("src")
    assert shown == page.locator('.gallery figure[data-candidate="wiener"] img').first.get_attribute("src")
    assert page.locator("#right-image").get_attribute("alt").startswith("reference, whole field")
    assert page.locator("#divider-label").inner_text() == "Divider: wiener left of it, reference right"


def test_every_image_has_a_text_and_is_shown(page):
    for image in page.locator("img").all():
        assert image.get_attribute("alt"), image.get_attribute("src")[:40]
        assert image.evaluate("e => e.naturalWidth") > 0
    for chart in page.locator("main svg[role=img]").all():
        assert len(chart.get_attribute("aria-label")) > 20
    assert page.locator("main svg[role=img]").count() >= 4
    assert page.locator(".bar").first.inner_text() == "1 µm"


def test_a_figures_meaning_is_there_for_mouse_and_keys(page):
    name = page.get_by_role("button", name="SSIM", exact=True)
    tip = page.locator(f"#{name.get_attribute('aria-describedby')}")
    assert not tip.is_visible()
    name.hover()
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.get_by_role("button", name="PSNR", exact=True).focus()
    page.keyboard.press("Tab")  # PSNR fitted
    page.keyboard.press("Tab")
    assert tip.is_visible()
    assert "same brightness, contrast and pattern" in tip.inner_text()
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1200


def test_the_table_is_sorted_by_a_figure(page, found):
    names = page.locator("#table thead th[data-candidate]")
    assert names.all_inner_texts() == list(found.table.index)
    page.get_by_role("button", name="PSNR", exact=True).press("Enter")
    expected = list(found.table["psnr"].sort_values(ascending=False).index)
    assert names.all_inner_texts() == expected
    row = page.locator("#table tr", has=page.get_by_role("button", name="PSNR", exact=True))
    assert [float(text.split()[0]) for text in row.locator("td").all_inner_texts()] == sorted(
        found.table["psnr"].round(2), reverse=True
    )
    assert page.locator("#sorted").inner_text().startswith("Sorted by PSNR, best first")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_windows_and_contrast(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for selector in ("p.meaning", "small", "#table td.best", "a"):
        ink, ground = page.locator(selector).first.evaluate(
            "e => { let g = e; while (getComputedStyle(g).backgroundColor === 'rgba(0, 0, 0, 0)') g = g.parentElement;"
            " return [getComputedStyle(e).color, getComputedStyle(g).backgroundColor] }"
        )
        assert contrast(ink, ground) >= 4.5, (selector, ink, ground)  # WCAG 2.2, AA


def contrast(*colors):
    """WCAG's ratio of relative luminances."""
    lights = []
    for color in colors:
        values = np.array([int(number) for number in re.findall(r"\d+", color)[:3]]) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        lights.append(linear @ (0.2126, 0.7152, 0.0722))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_printed_pages_hold_the_images(page):
    page.emulate_media(media="print")
    assert not page.locator("#compare").is_visible()
    assert page.locator(".gallery figure[data-view]").first.is_visible()
    assert len(page.pdf()) > 10_000


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.addresses, self.headings = [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.append(attributes.get("id"))
        self.addresses += [attributes[key] for key in ("src", "href") if key in attributes]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def test_the_file_holds_everything(page_text):
    tags = Tags()
    tags.feed(page_text)
    ids = [one for one in tags.ids if one]
    assert len(ids) == len(set(ids))
    assert all(address.startswith(("data:", "#")) for address in tags.addresses)
    assert tags.headings[0] == 1
    assert max(np.diff(tags.headings)) <= 1  # no level is skipped
    assert "cells &amp; more.tif" in page_text
    assert "&lt;restored&gt;" in page_text
    assert "<restored>" not in page_text
    assert "&lt;b&gt;.tif" in page_text


def test_what_the_measures_mean_is_there(page_text, found):
    for trust in (found.trusted["raw"].consistency, found.trusted["raw"].structure, found.trusted["raw"].linearity):
        assert trust.MEANING.replace("'", "&#39;") in page_text
    assert "with a probability of 95 %" in page_text
    assert "PSF passes less than 1 %" in page_text


@pytest.mark.parametrize("views", ["stack", "colors", "time"])
def test_stacks_colors_and_times(views, browser, tmp_path):
    rng = np.random.default_rng(0)
    shape, axes = {"stack": ((5, 40, 48), "ZYX"), "colors": ((40, 48, 3), "YXS"), "time": ((3, 2, 40, 48), "TCYX")}[
        views
    ]
    size = {"Z": 0.4, "X": 0.1} if views == "stack" else {}
    raw = Image(rng.poisson(50, shape).astype(np.uint16), axes, size, dict.fromkeys(size, "µm"))
    text = render_page(examine({"raw": raw, "b": raw}), title=views)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    if views == "stack":
        options = page.locator("#view option").all_inner_texts()
        assert options == ["Whole field, plane 3 of 5", "Brightest of 5 planes", "From the side, middle row (Z down)"]
        page.select_option("#view", "side")
        box = page.locator("#right-image").bounding_box()
        assert box["width"] / box["height"] == pytest.approx(48 / (5 * 4), rel=0.01)  # planes are 4 pixels thick
    assert page.locator("#right-image").evaluate("e => e.naturalWidth") == 48
    assert problems == []
    page.close()


def test_the_files_size_is_bounded():
    """Noise is what a PNG can't make smaller; larger images have no more pictures than these."""
    rng = np.random.default_rng(0)
    names = ("raw", "wiener", "rl", "restored")
    noise = {name: Image(rng.integers(0, 255, (2, 900, 800), dtype=np.uint8), "ZYX") for name in names}
    compared = compare_alike(noise, noise["raw"])
    maps = {name: dict.fromkeys(KINDS, image.data[:1].astype(np.float32) / 100) for name, image in noise.items()}
    limits = Trusted(structure=judge_structure(np.eye(40), np.random.default_rng(0).random((40, 40)), np.ones((1, 1))))
    table = pandas.DataFrame({"psnr": dict.fromkeys(names, 1.0)})
    box = (slice(0, 1), slice(0, 900), slice(0, 800))
    found = Evaluation(table, maps, compared, {"raw": limits}, None, box, 255.0)
    assert 3_000_000 < len(render_page(found, title="noise")) < 10_000_000


def test_the_best_is_marked_against_a_truth_only(page):
    for row in page.locator("#table tr:not(.group)").all()[1:]:
        trusted = row.get_by_role("button").inner_text() in ("RSP", "invented", "overfitted", "flux ratio")
        assert not (trusted and row.locator("td.best").count())
    psnr = page.locator("#table tr", has=page.get_by_role("button", name="PSNR fitted", exact=True))
    assert psnr.locator("td.best").get_attribute("data-candidate") == "<restored>"
