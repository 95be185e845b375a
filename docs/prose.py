"""Docstrings as HTML: paragraphs, sections with a rule under them, terms, lists and code.

Only what the docstrings of this package use. Everything is escaped, so that docstrings can't
contain markup.
"""

from __future__ import annotations

import html
import re

RULE = re.compile(r"-{3,}$")
TERM = re.compile(r"^(\S.*?) : (.+)$")
CODE = re.compile(r"`+([^`]+)`+")


def rendered(text: str) -> str:
    """A docstring, cleaned of its indentation, as HTML."""
    out: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        if len(lines) > 1 and RULE.match(lines[1]):
            out.append(f"<h4>{inline(lines[0])}</h4>")
            lines = lines[2:]
        if lines:
            out.append(paragraph(lines))
    return "\n".join(out)


def paragraph(lines: list[str]) -> str:
    """A block of lines as terms, a list, code, or plain text."""
    if TERM.match(lines[0]):
        return terms(lines)
    if lines[0].startswith("- "):
        items = re.split(r"\n(?=- )", "\n".join(lines))
        return "<ul>" + "".join(f"<li>{inline(item[2:])}</li>" for item in items) + "</ul>"
    if all(line.startswith("    ") for line in lines) or re.match(r"[%>]", lines[0]):
        return f"<pre>{html.escape(chr(10).join(lines))}</pre>"
    if any(re.match(r"\s+\S|\S.*\S {2,}\S", line) for line in lines):
        return f"<pre>{html.escape(chr(10).join(lines))}</pre>"
    return f"<p>{inline(chr(10).join(lines))}</p>"


def terms(lines: list[str]) -> str:
    """Lines of `name : what it is`, with their explanations indented below or on the same line."""
    out = ["<dl>"]
    for line in lines:
        found = None if line.startswith(" ") else TERM.match(line)
        if found:
            out.append(f"<dt>{inline(found[1])}</dt><dd>{inline(found[2])}</dd>")
        else:
            out.append(f"<dd>{inline(line.strip())}</dd>")
    return "".join(out) + "</dl>"


def inline(text: str) -> str:
    """Escaped text, with what is in backticks as code."""
    return CODE.sub(r"<code>\1</code>", html.escape(text, quote=False))
