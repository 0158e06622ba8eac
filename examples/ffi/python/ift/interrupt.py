"""Ctrl-C while the library works.

Python's handler runs when Python code does next, which is the monitor, after the step under way. An exception raised
at that point would be lost, since it is before the monitor's first line. So for as long as a run lasts the handler only
takes a note, the monitor asks the run to stop, and the handler of before is called when the library has returned:
KeyboardInterrupt comes out of the run, and what was computed is kept.
"""
from __future__ import annotations

import contextlib
import signal
import threading
from typing import Any, Iterator, List

from .callbacks import Callback


@contextlib.contextmanager
def interruptible(callback: Callback) -> Iterator[None]:
    """Around a call that has `callback` as its monitor."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: List[Any] = []

    def note(*arguments: Any) -> None:
        caught.append(arguments)
        callback.interrupted = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        callback.interrupted = False
    if caught:
        before(*caught[0])
