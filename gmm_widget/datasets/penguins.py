"""The Palmer penguins: four measurements of three species, with columns of text beside them."""

from __future__ import annotations

from typing import Any

from .reading import columns_of, tabled

_WORDS = ("species", "island", "sex")


def penguins(as_frame: bool = False) -> Any:
    """342 penguins of three species: four measurements, species, island, sex and year.

    `bill_length_mm`, `bill_depth_mm`, `flipper_length_mm`, `body_mass_g` and `year` are float64
    (342,); `species`, `island` and `sex` are text, and `sex` is empty where it is unknown. The
    two penguins that were not measured are left out. A dict of arrays, or a pandas data frame
    with `as_frame=True` (ImportError without pandas).

    Source: K. B. Gorman, T. D. Williams and W. R. Fraser (2014), "Ecological sexual dimorphism
    and environmental variability within a community of Antarctic penguins (genus Pygoscelis)",
    PLoS ONE 9(3): e90081; as collected by A. M. Horst, A. P. Hill and K. B. Gorman in the R
    package palmerpenguins, under CC0 1.0 (no rights reserved).
    """
    return tabled(columns_of("penguins.csv", _WORDS), as_frame)
