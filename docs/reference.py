"""Writes the reference: a page for each public name, from the docstrings.

`python -m docs.reference` writes HTML into `docs/reference`, which git ignores; it opens from the
file system and needs nothing else. Shapes, units, errors and
sources come from the docstrings alone.
"""

from __future__ import annotations

import html
import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, final

from docs.prose import rendered

HERE = Path(__file__).parent / "reference"
# The modules with public names, and the titles of their sections.
PLACES = {
    "gmm_widget": "The widget, the estimators, the mixture, and functions on a fit",
    "gmm_widget.magic.command": "The command %gmm",
    "gmm_widget.datasets": "Data to begin with",
    "gmm_widget.exercise": "Checks for exercises",
}
STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 76ch; padding: 24px 16px; font: 16px/1.55 system-ui, sans-serif; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 8px 12px; border-radius: 6px; background: rgb(128 128 128 / 12%); }
h2 { margin-top: 2em; border-top: 1px solid rgb(128 128 128 / 30%); padding-top: 0.6em; }
h3 { margin-bottom: 0.2em; }
dt { font-weight: 600; }
dd { margin: 0 0 0.6em 1.5em; }
.from { opacity: 0.7; }
"""


@final
class Entry(NamedTuple):
    """A public name, where it is, and what it stands for."""

    place: str
    name: str
    value: Any

    @property
    def file(self) -> str:
        """The name of its page."""
        return f"{self.place}.{self.name}.html"


def public() -> Iterator[Entry]:
    """All public names: those of `__all__`, or else what a module defines without underscore."""
    for place in PLACES:
        module = import_module(place)
        names = getattr(module, "__all__", None) or own_names(module)
        for name in names:
            if name != "__version__":
                yield Entry(place, name, getattr(module, name))


def own_names(module: Any) -> list[str]:
    """Functions and classes that a module itself defines, in their order."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
    ]


def members(value: type) -> list[tuple[str, Any]]:
    """Public methods and properties of a class that this package defines, with docstrings."""
    found: dict[str, Any] = {}
    for base in value.__mro__:
        if not base.__module__.startswith("gmm_widget"):
            continue
        for name, member in vars(base).items():
            target = function_of(member)
            if not name.startswith("_") and inspect.isfunction(target) and target.__doc__:
                found.setdefault(name, member)
    return sorted(found.items())


def function_of(member: Any) -> Any:
    """The function behind a method of any kind, or behind a property."""
    target = member.fget if isinstance(member, property) else member
    return getattr(target, "__func__", target)


def page(entry: Entry) -> str:
    """The page of a name, as HTML."""
    body = [
        f'<p class="from"><a href="index.html">Reference</a> / {html.escape(entry.place)}</p>',
        f"<h1>{html.escape(entry.name)}</h1>",
        signature(entry.name, entry.value),
        rendered(documentation(entry.value)),
    ]
    if inspect.isclass(entry.value):
        for name, member in members(entry.value):
            target = function_of(member)
            body.append(f'<h3 id="{name}">{html.escape(name)}</h3>')
            body.append("" if isinstance(member, property) else signature(name, target))
            body.append(rendered(documentation(target)))
    return whole(entry.name, body)


def documentation(value: Any) -> str:
    """The docstring; ValueError for a public name that has none of its own."""
    text = inspect.getdoc(value)
    if not text:
        raise ValueError(f"{value!r} is public and has no docstring")
    return text


def signature(name: str, value: Callable[..., Any]) -> str:
    """How it is called, one argument a line where that is long."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):  # some classes do not tell
        return ""
    taken: list[str] = []
    for each in found.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not any(part.startswith("*") for part in taken):
            taken.append("*")
        if each.name not in ("self", "cls"):
            taken.append(argument(each))
    flat = f"{name}({', '.join(taken)})"
    text = flat if len(flat) < 80 else f"{name}(\n    " + ",\n    ".join(taken) + ",\n)"
    return f"<pre>{html.escape(text)}</pre>"


def argument(each: inspect.Parameter) -> str:
    """One argument with its type as it is written, and its default."""
    star = "*" if each.kind is each.VAR_POSITIONAL else ""
    star = "**" if each.kind is each.VAR_KEYWORD else star
    typed: Any = each.annotation
    written = typed if isinstance(typed, str) else getattr(typed, "__forward_arg__", None)
    kind = "" if typed is each.empty else f": {written or inspect.formatannotation(typed)}"
    default = "" if each.default is each.empty else f" = {each.default!r}"
    return f"{star}{each.name}{kind}{default}"


def index(entries: list[Entry]) -> str:
    """The page with links to all others."""
    body = ["<h1>gmm_widget: reference</h1>"]
    for place, title in PLACES.items():
        body += [f"<h2>{html.escape(title)}</h2>", f'<p class="from">{place}</p>', "<dl>"]
        for entry in (entry for entry in entries if entry.place == place):
            first = documentation(entry.value).split("\n\n")[0]
            body.append(f'<dt><a href="{entry.file}">{html.escape(entry.name)}</a></dt>')
            body.append(f"<dd>{rendered(first)}</dd>")
        body.append("</dl>")
    return whole("Reference", body)


def whole(title: str, body: list[str]) -> str:
    """A page around its body."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}: gmm_widget</title>\n<style>{STYLE}</style>\n"
        "</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def write(folder: Path) -> list[Entry]:
    """Write all pages; return the names that have one."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = list(public())
    for entry in entries:
        (folder / entry.file).write_text(page(entry), encoding="utf-8")
    (folder / "index.html").write_text(index(entries), encoding="utf-8")
    return entries


def main() -> int:
    """Write the reference to the folder given, or to `docs/reference`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    entries = write(folder)
    print(f"{len(entries)} pages: {(folder / 'index.html').resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
