"""Writes `js/src/messages/commands.ts`: the messages to the kernel, as types and limits.

Run it as `python -m js.protocol` in the root of the checkout after a change of the tables of
commands or messages; a test compares the file with what this writes.
"""

from __future__ import annotations

from pathlib import Path

from gmm_widget.core.polygon import MAX_VERTICES
from gmm_widget.protocol.incoming import MAX_GRID, MESSAGES, MOST_CHOSEN, sent_commands
from gmm_widget.session.edits import MAX_COMPONENTS
from gmm_widget.session.fields import Fields

TARGET = Path(__file__).parent / "src" / "messages" / "commands.ts"
HEADER = """\
/*
 * The messages to the kernel: their fields, and the limits that it holds them to.
 *
 * Written by `python -m js.protocol` from the tables in Python; do not edit.
 */
"""
LIMITS = {
    "MAX_COMPONENTS": (MAX_COMPONENTS, "of a mixture"),
    "MAX_CHOSEN": (MOST_CHOSEN, "components in a model selection"),
    "MAX_CORNERS": (MAX_VERTICES, "of a selected polygon"),
    "MAX_BINS": (MAX_GRID, "a side of a grid of counts"),
}


def text() -> str:
    """The whole file."""
    limits = [f"export const {name} = {value}; // {of}" for name, (value, of) in LIMITS.items()]
    commands = [f"  {name}: {_type(fields)};" for name, fields in sorted(sent_commands().items())]
    messages = [
        f"  {kind}: {_type(row.fields)};" for kind, row in MESSAGES.items() if kind != "command"
    ]
    return "\n".join(
        [
            HEADER + limits[0],
            *limits[1:],
            "\n/** The arguments of each command. */",
            "export interface Commands {",
            *commands,
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
    TARGET.write_text(text(), encoding="utf-8")
