"""Records the README's animation: EM in a poor optimum, an edit by hand, EM to a better one.

`python -m docs.moving` in an environment with the extra `test` writes `docs/moving-light.webp` and
`docs/moving-dark.webp`. Nothing is staged: the points are `datasets.knots`, a mouse draws the boxes
and the kernel computes every value. Only the pointer, which a headless browser does not show, and
a caption are drawn in.
"""

import io
from functools import partial
from operator import eq
from pathlib import Path
from typing import final

import matplotlib
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser

from docs.studio import studio
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView, box_of

HERE = Path(__file__).parent
MOST_BYTES = 1_000_000
WIDTH, CAPTION_HEIGHT = 800, 34  # pixels
FRAME, PAUSE = 110, 1600  # milliseconds: of a frame, and of one with a new caption
KNOTS = ((-1.5, -1.0), (2.0, -1.0), (0.2, 2.0))
HALF_WIDTH = 0.9  # of a box around a knot, in data units
COLOURS = {"light": ("#ffffff", "#1c2024"), "dark": ("#111111", "#edeef0")}
CELL = """
from gmm_widget import GMMWidget
from gmm_widget.datasets import knots
w = GMMWidget(knots(as_frame=True)[["x", "y"]], n_components=4, random_state=0, height=380)
w
"""


@final
class Film:
    """Frames of one view, with the pointer where the mouse is."""

    def __init__(self, view: WidgetView, theme: str) -> None:
        self.view, self.theme = view, theme
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []
        self.caption = ""
        self.at = (0.0, 0.0)
        font = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
        self.font = ImageFont.truetype(str(font), 15)

    def shoot(self, milliseconds: int = FRAME) -> None:
        """Take a frame."""
        left, top, _, _ = box_of(self.view.root)
        shot = Image.open(io.BytesIO(self.view.root.screenshot())).convert("RGB")
        background, foreground = COLOURS[self.theme]
        factor = WIDTH / shot.width
        size = (WIDTH, round(shot.height * factor))
        frame = Image.new("RGB", (WIDTH, size[1] + CAPTION_HEIGHT), background)
        frame.paste(shot.resize(size, Image.Resampling.LANCZOS))
        draw = ImageDraw.Draw(frame)
        draw.text((12, size[1] + 7), self.caption, fill=foreground, font=self.font)
        x, y = (factor * (self.at[0] - left), factor * (self.at[1] - top))
        arrow = [(0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12)]
        draw.polygon([(x + a, y + b) for a, b in arrow], fill="#000000", outline="#ffffff")
        self.frames.append(frame)
        self.durations.append(milliseconds)

    def set_caption(self, caption: str) -> None:
        """Change the caption, and leave time to read it."""
        self.caption = caption
        self.shoot(PAUSE)

    def move(self, x: float, y: float, steps: int = 4) -> None:
        """Move the mouse, a frame a step."""
        (x0, y0) = self.at
        for step in range(1, steps + 1):
            share = step / steps
            self.at = (x0 + share * (x - x0), y0 + share * (y - y0))
            self.view.page.mouse.move(*self.at)
            self.shoot()

    def click(self, name: str) -> None:
        """Go to a button and press it."""
        self.move(*self.view.middle(self.view.button(name)))
        self.view.page.mouse.down()
        self.view.page.mouse.up()
        self.shoot()

    def save(self, path: Path) -> None:
        """Write the frames in the best quality within the limit; ValueError if none fits."""
        for quality in (80, 65, 50, 35):
            self.frames[0].save(
                path,
                save_all=True,
                append_images=self.frames[1:],
                duration=self.durations,
                loop=0,
                quality=quality,
                method=4,
            )
            if path.stat().st_size <= MOST_BYTES:
                return
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes; record fewer frames")


def take(browser: Browser, server: Server, theme: str) -> Film:
    """Run EM to a poor optimum, then draw boxes around the knots and run it again."""
    context = browser.new_context(viewport={"width": 1120, "height": 760}, device_scale_factor=1)
    notebook = NotebookPage(context, server)
    notebook.open([CELL])
    notebook.set_theme(theme)
    notebook.run_cell(0)
    view = notebook.widget()
    film = Film(view, theme)
    zoom_in(view)
    film.at = view.middle(view.plot)
    film.set_caption("710 points: three dense clusters, wide background. Start: k-means++.")
    film.click("Run")
    follow(notebook, film, 12)
    notebook.eventually("w.converged and not w.running", bool)
    film.set_caption(f"EM has converged and missed the clusters: {log_likelihood(notebook)} nats.")
    notebook.evaluate("w.set_n_components(1)")
    film.set_caption("By hand: one component for all, and a box around each cluster.")
    for least, (x, y) in enumerate(KNOTS, start=2):
        film.click("Select box")
        film.move(*view.data_to_pixel(x - HALF_WIDTH, y + HALF_WIDTH), steps=3)
        view.page.mouse.down()
        film.move(*view.data_to_pixel(x + HALF_WIDTH, y - HALF_WIDTH), steps=4)
        view.page.mouse.up()
        film.click("New component from selection")
        notebook.eventually("w.mixture.n_components", partial(eq, least))
        film.shoot(400)
    notebook.evaluate("w.set_trait('speed', 8.0)")
    film.set_caption("EM continues from there.")
    film.click("Run")
    follow(notebook, film, 14)
    notebook.evaluate("w.set_trait('speed', None)")
    notebook.eventually("w.converged and not w.running", bool)
    notebook.page.wait_for_timeout(800)
    film.set_caption(
        f"{log_likelihood(notebook)} nats: a hundred more. Twenty random starts do not find it."
    )
    film.durations[-1] = 3000
    context.close()
    return film


def follow(notebook: NotebookPage, film: Film, frames: int) -> None:
    """Take this many frames during a run."""
    for _ in range(frames):
        film.shoot()
        notebook.page.wait_for_timeout(60)


def log_likelihood(notebook: NotebookPage) -> str:
    """The kernel's value, as text."""
    return f"{notebook.evaluate('w.log_likelihood'):,.1f}".replace("-", "\N{MINUS SIGN}")


def zoom_in(view: WidgetView) -> None:
    """Zoom to the knots in the middle of the plane."""
    view.page.mouse.move(*view.data_to_pixel(0.0, 0.0))
    view.page.keyboard.down("Control")
    for _ in range(3):
        view.page.mouse.wheel(0, -120)
        view.page.wait_for_timeout(150)
    view.page.keyboard.up("Control")
    view.page.wait_for_timeout(400)


def main() -> None:
    """Take the picture in both themes."""
    with studio() as (browser, server):
        for theme in COLOURS:
            path = HERE / f"moving-{theme}.webp"
            take(browser, server, theme).save(path)
            print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
