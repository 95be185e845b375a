"""A widget as one HTML file: for a handout, a supplement, a colleague who has no Python.

The file opens off line and requests nothing from the network: script, style and the current fit
are inside, and its content security policy allows these two texts, by their digests, and
nothing else. Names of columns come from data and are always text: the contents are JSON in a
block that no browser runs, with every `<`, `>` and `&` of it escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Bundle = tuple[str, str]
# JSON allows these in strings as they stand; a parser of HTML or of older scripts might not.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_PAGE_STYLE = """
:root { color-scheme: light dark; --background: #fff; --ink: #1c2024; }
@media (prefers-color-scheme: dark) { :root { --background: #111315; --ink: #edeef0; } }
body { margin: 0 auto; max-width: 1200px; padding: 16px; background: var(--background);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 4px; font-size: 22px; overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 72ch; overflow-wrap: anywhere; }
footer { margin-top: 16px; font-size: 13px; opacity: 0.75; }
"""
# The front end marks so what a page without a kernel, or with a part of the data, can't do.
_NEEDS_KERNEL = '[data-gmm-needs="kernel"]'
_NEEDS_ALL_DATA = '[data-gmm-needs="all-data"]'


def save(path: str | Path, contents: Mapping[str, Any], title: str, bundle: Bundle) -> None:
    """Write the page to a file; OSError where that can't be done.

    contents : {"traits": the widget's traits as JSON values, "points": base64 or None,
    "weighted": whether rows had weights}.
    bundle : the front end's module, which starts by itself in such a page, and its style.
    """
    hidden = _NEEDS_KERNEL if _whole(contents) else f"{_NEEDS_KERNEL}, {_NEEDS_ALL_DATA}"
    hiding = f"#gmm-widget :is({hidden}) {{ display: none; }}"
    text = page(contents, title, bundle[0], bundle[1] + _PAGE_STYLE + hiding)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def page(contents: Mapping[str, Any], title: str, script: str, style: str) -> str:
    """The text of the page.

    Raises ValueError for a script or style that could end its own element.
    """
    for text, end in ((script, "</script"), (script, "<!--"), (style, "</style")):
        if end in text.lower():
            raise ValueError(f"the bundle holds {end!r}, which would break the page: rebuild it")
    held = json.dumps(contents, allow_nan=False, separators=(",", ":")).translate(_ESCAPED)
    name = html.escape(title)
    return f"""<!doctype html>
<html lang="en" data-gmm-page>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{style}</style>
</head>
<body>
<h1>{name}</h1>
<p>{html.escape(_summary(contents["traits"]))}</p>
<div id="gmm-widget"></div>
<noscript><p>The picture needs JavaScript, which is turned off in this browser.</p></noscript>
<footer><p>{html.escape(_note(contents))}</p></footer>
<script type="application/json" id="gmm-contents">{held}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def _policy(script: str, style: str) -> str:
    """Nothing but the page's own script and style, and pictures that the script makes itself."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(raw).decode('ascii')}"


def _whole(contents: Mapping[str, Any]) -> bool:
    """Tell whether the page holds all that was fitted, so that EM can go on in it."""
    return bool(contents["traits"]["_view"]["d"] == 2 and not contents["weighted"])


def _summary(traits: Mapping[str, Any]) -> str:
    """The saved fit, in a sentence."""
    view, fit = traits["_view"], traits["_fit"]
    shown = " and ".join(f"“{view['columns'][j]}”" for j in view["dims"])
    k = len(traits["mixture"]["weights"])
    of = "" if view["d"] == 2 else f", two of {view['d']} columns"
    figures = (("log-likelihood", fit["log_likelihood"]), ("BIC", fit["bic"]))
    figures_text = ", ".join(f"{name} {value:,.3f}" for name, value in figures if value is not None)
    parts = "component" if k == 1 else "components"
    return (
        f"{view['n']:,} points in {shown}{of}; {k} {parts}, covariances {traits['covariance_type']}"
        f"{'; as saved: ' + figures_text if figures_text else ''}."
    )


def _note(contents: Mapping[str, Any]) -> str:
    """What the file holds, and what can be done with it."""
    n, side = contents["traits"]["_view"]["n"], contents["traits"]["_preview"]["shape"]
    held = (
        f"This file holds all {n:,} points, in these two columns, as 32-bit numbers."
        if contents["points"] is not None
        else f"Of the {n:,} points this file holds their counts on a grid of {side[1]} by "
        f"{side[0]} cells, rounded; the figures follow your hand as closely as these do."
    )
    acts = "EM step, Run and Undo work" if _whole(contents) else "Undo works"
    held += " The rows had weights, which it does not hold." if contents["weighted"] else ""
    return f"Drag the components: {acts} here, without Python. {held} Made with gmm_widget."
