"""The table of commands: every row is done, has its method, and is known to the browser."""

import inspect
from pathlib import Path

import pytest

from gmm_widget import GMMWidget
from gmm_widget.session.commands import COMMANDS, Command, OnSession, Pass
from gmm_widget.session.session import Session
from js import protocol


@pytest.mark.parametrize(
    ("path", "text"), protocol.files().items(), ids=[each.name for each in protocol.files()]
)
def test_what_the_browser_takes_from_the_tables_is_up_to_date(path: Path, text: str):
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("row", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_takes_its_arguments_wherever_it_is_done(row: Command):
    """What does it has a parameter for each field, and a default where the field is optional."""
    if isinstance(row.does, OnSession):
        function = getattr(Session, row.does.method)
    else:
        function = row.does.function
    taken = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in taken.values()):
        return  # settings: each is optional by itself, and checked by its name
    assert {*row.arguments.needed, *row.arguments.optional} <= set(taken)
    for name in row.arguments.optional:
        assert taken[name].default is not inspect.Parameter.empty, name


@pytest.mark.parametrize("row", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_is_a_method_of_the_widget(row: Command):
    """Or an assignment: the row says so."""
    if row.has_method:
        assert inspect.getdoc(getattr(GMMWidget, row.name))
    if isinstance(row.does, Pass):
        assert callable(getattr(Session, row.name))
