"""Exceptions that could not be raised where they belonged."""

from __future__ import annotations


def raise_in(thread: int, error: BaseException) -> None:
    """Has another thread raise an exception, as soon as it runs Python's code.

    What runs around a fork can raise nothing itself: Python reports it and goes on.
    """
    try:
        import ctypes
    except ImportError:
        raise error from None
    # The interpreter takes a class, and calls it: this one gives what was raised before.
    cls = type(error)
    again = type(cls.__name__, (cls,), {"__new__": lambda *_: error, "__module__": cls.__module__})
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(again))
