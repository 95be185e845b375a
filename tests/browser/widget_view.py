"""One view of a widget on the page: its controls by their accessible names, its plot in pixels."""

import io
import math
from collections.abc import Sequence
from typing import final

import matplotlib.pyplot as plt
import numpy as np
from playwright.sync_api import FloatRect, Locator, Page


@final
class WidgetView:
    """The root element of a view, with what a hand and an eye do to it."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.plot = root.locator(".gmm-plot")

    def button(self, name: str) -> Locator:
        """Return the button with this name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def part(self, label: str) -> Locator:
        """Return a component ("Component A") or one of its handles ("Centre of A")."""
        return self.root.get_by_label(label, exact=True)

    def log_likelihood(self) -> float:
        """Return the log-likelihood that the read-out shows, as it is rounded there."""
        text = self.root.locator(".gmm-loglik").inner_text()
        return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))

    def extent(self) -> tuple[float, float, float, float]:
        """Return the part of the plane that the plot shows, in data units: x0, x1, y0, y1."""
        x0, x1, y0, y1 = map(float, (self.root.get_attribute("data-gmm-extent") or "").split(","))
        return x0, x1, y0, y1

    def data_to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the data lies on the page, in CSS pixels."""
        (x0, x1, y0, y1), box = self.extent(), box_of(self.plot)
        return box[0] + (x - x0) / (x1 - x0) * box[2], box[1] + (y1 - y) / (y1 - y0) * box[3]

    def pixel_to_data(self, left: float, top: float) -> tuple[float, float]:
        """Return the point of the data under a place on the page; inverse of `data_to_pixel`."""
        (x0, x1, y0, y1), box = self.extent(), box_of(self.plot)
        return x0 + (left - box[0]) / box[2] * (x1 - x0), y1 - (top - box[1]) / box[3] * (y1 - y0)

    def is_at(self, left: float, top: float, point: Sequence[float]) -> bool:
        """Tell whether a place on the page is within one pixel of a point of the data."""
        x, y = self.data_to_pixel(point[0], point[1])
        return abs(x - left) <= 1 and abs(y - top) <= 1

    def middle(self, locator: Locator) -> tuple[float, float]:
        """Return where on the page the middle of an element is."""
        left, top, width, height = box_of(locator)
        return left + width / 2, top + height / 2

    def wait_until_at(self, label: str, x: float, y: float) -> None:
        """Wait until a part is shown within a pixel of a point of the data."""
        left, top = self.data_to_pixel(x, y)
        expect_near = """([part, left, top]) => {
          const box = part.getBoundingClientRect();
          return Math.abs(box.x + box.width / 2 - left) <= 1
            && Math.abs(box.y + box.height / 2 - top) <= 1;
        }"""
        handle = self.part(label).element_handle()
        self.page.wait_for_function(expect_near, arg=[handle, left, top])

    def brightness(self) -> float:
        """Return how light the root's corner is on the screen, from 0 (black) to 1 (white)."""
        box = box_of(self.root)
        corner: FloatRect = {"x": box[0] + 2, "y": box[1] + 2, "width": 4, "height": 4}
        picture = io.BytesIO(self.page.screenshot(clip=corner))
        return float(np.mean(plt.imread(picture)[..., :3]))

    def drag(self, locator: Locator, dx: float, dy: float, steps: int = 10) -> tuple[float, float]:
        """Drag the middle of an element by so many pixels; return where the hand let go."""
        locator.scroll_into_view_if_needed()
        x, y = self.middle(locator)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=steps)
        self.page.mouse.up()
        return x + dx, y + dy


def box_of(locator: Locator) -> tuple[float, float, float, float]:
    """Return left, top, width and height of an element on the page; it must be on show."""
    box = locator.bounding_box()
    if box is None or math.isclose(box["width"] * box["height"], 0):
        raise AssertionError(f"{locator} is not on show")
    return box["x"], box["y"], box["width"], box["height"]
