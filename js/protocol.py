"""Writes what the front end takes from the tables in Python into `js/src/messages`.

`commands.ts` holds the messages to the kernel, as types and limits, `templates.ts` the words of
coded texts; and the structures for the tests of the front end. Run it as `python -m js.protocol` in
the root of the checkout after a change of the tables; a test compares the files with what this
writes.
"""

from __future__ import annotations

import json
from pathlib import Path

from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.polygon import MAX_VERTICES
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.protocol.incoming import MAX_GRID, MESSAGES, MOST_CHOSEN, sent_commands
from gmm_widget.session.coded_text import COUNTED, TEMPLATES
from gmm_widget.session.edits import MAX_COMPONENTS
from gmm_widget.session.fields import Fields

FOLDER = Path(__file__).parent / "src" / "messages"
TESTS = Path(__file__).parent / "tests"
HEADER = """\
/*
 * {}
 *
 * Written by `python -m js.protocol` from the tables in Python; do not edit.
 */
"""
MESSAGES_HEADER = HEADER.format(
    "The messages to the kernel: their fields, and the limits that it holds them to."
)
TEMPLATES_HEADER = HEADER.format("The words of coded texts: labels of the history and notices.")
LIMITS = {
    "MAX_COMPONENTS": (MAX_COMPONENTS, "of a mixture"),
    "MAX_CHOSEN": (MOST_CHOSEN, "components in a model selection"),
    "MAX_CORNERS": (MAX_VERTICES, "of a selected polygon"),
    "MAX_BINS": (MAX_GRID, "a side of a grid of counts"),
    "REGULARISATION": (REGULARISATION, "of the data's variance: the default"),
    "TOLERANCE": (TOLERANCE, "nats a point that a step gains when EM has converged: the default"),
}


def files() -> dict[Path, str]:
    """The text of each file."""
    return {
        FOLDER / "commands.ts": commands(),
        FOLDER / "templates.ts": templates(),
        TESTS / "structures.json": structures(),
    }


def structures() -> str:
    """The structures, as they are sent to a view: for the tests of the front end."""
    return json.dumps([each.describe() for each in STRUCTURES.values()], indent=2) + "\n"


def templates() -> str:
    """The file of templates."""
    rows = [f"  {code}: {json.dumps(words)}," for code, words in TEMPLATES.items()]
    counted = [f"  {slot}: {json.dumps(words)}," for slot, words in COUNTED.items()]
    slots = "export const COUNTED: Readonly<Record<string, string>> = {"
    head = "export const TEMPLATES: Readonly<Record<string, string>> = {"
    return "\n".join(
        [
            TEMPLATES_HEADER + head,
            *rows,
            "};\n",
            "/** Slots whose value is a number of these. */",
            slots,
            *counted,
            "};",
            "",
        ]
    )


def commands() -> str:
    """The file of messages."""
    limits = [
        f"export const {name} = {value!r}; // {of}".replace("e-0", "e-")
        for name, (value, of) in LIMITS.items()
    ]
    sent = [f"  {name}: {_type(fields)};" for name, fields in sorted(sent_commands().items())]
    messages = [
        f"  {kind}: {_type(row.fields)};" for kind, row in MESSAGES.items() if kind != "command"
    ]
    return "\n".join(
        [
            MESSAGES_HEADER + limits[0],
            *limits[1:],
            "\n/** The arguments of each command. */",
            "export interface Commands {",
            *sent,
            "}",
            "\n/** The fields of each other kind of message. */",
            "export interface Messages {",
            *messages,
            "}",
            "",
        ]
    )


def _type(fields: Fields) -> str:
    if not fields.needed and not fields.optional:
        return "Record<never, never>"
    needed = [f"{name}: {field.typescript}" for name, field in fields.needed.items()]
    optional = [f"{name}?: {field.typescript}" for name, field in fields.optional.items()]
    return "\n    ".join(["{", *(f"readonly {each};" for each in [*needed, *optional])]) + "\n  }"


if __name__ == "__main__":
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
