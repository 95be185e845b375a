"""One view of a widget on the page: its controls by their accessible names, its plot in pixels."""

import math
from typing import final

from playwright.sync_api import Locator, Page


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

    def pixel_size(self) -> tuple[float, float]:
        """Return how much of the data one CSS pixel spans, across and up."""
        (x0, x1, y0, y1), box = self.extent(), box_of(self.plot)
        return (x1 - x0) / box[2], (y1 - y0) / box[3]

    def drag(self, locator: Locator, dx: float, dy: float, steps: int = 10) -> tuple[float, float]:
        """Drag the middle of an element by so many pixels; return where the hand let go."""
        locator.scroll_into_view_if_needed()
        left, top, width, height = box_of(locator)
        x, y = left + width / 2, top + height / 2
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
