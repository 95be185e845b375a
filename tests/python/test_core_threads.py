"""Parts of a pass on several threads: in order, once each, and gone when something goes wrong."""

from __future__ import annotations

import multiprocessing
import threading
import time

import numpy as np
import pytest
from core_help import cloud

from gmm_widget.core.e_step import e_step
from gmm_widget.core.passes import threads
from gmm_widget.core.points import Points


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(threads, "usable_cores", lambda: 4)


def slowly(part, check):
    for _ in range(10):
        check()
        time.sleep(0.001)
    return part, threading.current_thread().name


@pytest.mark.usefixtures("four_cores")
def test_results_come_in_the_order_of_the_parts_from_several_threads():
    found = threads.in_order(40, lambda: slowly)
    assert [part for part, _ in found] == list(range(40))
    assert len({name for _, name in found}) > 1


@pytest.mark.usefixtures("four_cores")
def test_an_error_in_any_part_is_raised_and_the_rest_given_up():
    done = []

    def task(part, check):
        if part == 3:
            raise ZeroDivisionError("part 3")
        done.append(slowly(part, check))

    with pytest.raises(ZeroDivisionError, match="part 3"):
        threads.in_order(1000, lambda: task)
    assert len(done) < 1000


@pytest.mark.usefixtures("four_cores")
def test_poll_runs_in_the_calling_thread_and_stops_all():
    callers, running = set(), []

    def poll():
        callers.add(threading.current_thread())
        if len(running) > 5:
            raise KeyboardInterrupt

    def task(part, check):
        running.append(part)
        return slowly(part, check)

    with pytest.raises(KeyboardInterrupt):
        threads.in_order(1000, lambda: task, poll)
    assert callers == {threading.current_thread()}
    assert len(running) < 1000


@pytest.mark.usefixtures("four_cores")
def test_where_threads_can_not_start_the_caller_does_it_all(monkeypatch):
    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(threads, "_helpers", threads._Helpers())
    found = threads.in_order(5, lambda: slowly)
    assert found == [(part, threading.current_thread().name) for part in range(5)]


@pytest.mark.usefixtures("four_cores")
def test_several_callers_at_once_each_get_their_own_answer():
    x, mixture = cloud(60_000, 2, 4)
    points = [Points.of(x[i::3]) for i in range(3)]
    alone = [e_step(p, mixture).log_likelihood for p in points]
    found = [0.0] * 3

    def call(i):
        found[i] = e_step(points[i], mixture).log_likelihood

    callers = [threading.Thread(target=call, args=(i,)) for i in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert found == alone


def _in_a_child(queue, points, mixture):
    queue.put(e_step(points, mixture).log_likelihood)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.usefixtures("four_cores")
def test_a_forked_child_starts_threads_of_its_own():
    if "fork" not in multiprocessing.get_all_start_methods():
        return
    x, mixture = cloud(100_000, 2, 4)
    points = Points.of(x)
    here = e_step(points, mixture).log_likelihood
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_child, args=(queue, points, mixture))
    child.start()
    assert queue.get(timeout=60) == here
    child.join()


def test_usable_cores_is_at_least_one(monkeypatch):
    assert threads.usable_cores() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    assert threads.usable_cores() >= 1
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert threads.usable_cores() == 1


def test_the_workspace_is_aligned_and_grows():
    from gmm_widget.core.passes.workspace import workspace_arrays

    for shapes in ([(3, 5)], [(7,), (2, 3, 1000)], [(0, 4), (9,)]):
        arrays = workspace_arrays(*shapes)
        for array, shape in zip(arrays, shapes, strict=True):
            assert array.shape == shape
            assert array.size == 0 or array.ctypes.data % 64 == 0
            array[...] = np.nan
