"""Every public docstring ends with an example, and the example prints what it says."""

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import gmm_widget

WITHOUT = {
    "__version__",
    "load_ipython_extension",
}


def documented() -> Iterator[tuple[str, Any]]:
    """Functions and classes of `__all__`, and their public methods, by their full names."""
    for name in gmm_widget.__all__:
        if name in WITHOUT:
            continue
        value = getattr(gmm_widget, name)
        yield name, value
        if inspect.isclass(value):
            yield from ((f"{name}.{key}", each) for key, each in methods(value))


def methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods that this package defines, those inherited from its own classes included."""
    for key in dir(kind):
        home = next(each for each in kind.__mro__ if key in vars(each))
        method = inspect.getattr_static(kind, key)
        function = getattr(method, "__func__", method)
        ours = home.__module__.startswith("gmm_widget")
        if ours and not key.startswith("_") and inspect.isfunction(function):
            yield key, function


CASES = dict(documented())


@pytest.mark.parametrize("name", list(CASES))
def test_the_example_prints_what_it_says(name: str) -> None:
    value = CASES[name]
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(value) or "")
    assert examples, f"{name} has no example"
    assert inspect.getdoc(value).rstrip().endswith(ending(examples[-1])), "the example comes last"
    globs = dict(inspect.getmodule(value).__dict__)
    case = doctest.DocTest(examples, globs, name, None, None, None)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = []
    doctest.DocTestRunner(optionflags=flags).run(case, out=found.append)
    assert not found, "".join(found)


def ending(example: doctest.Example) -> str:
    """The last line of an example: of its output, or of its source where it prints nothing."""
    return (example.want or example.source).rstrip().splitlines()[-1]
