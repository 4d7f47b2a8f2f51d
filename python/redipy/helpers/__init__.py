"""Small things made of calls and scripts."""

from redipy.helpers.cache import RCache
from redipy.helpers.mavg import RMovingAverage
from redipy.helpers.stack import RStack

__all__ = ["RCache", "RMovingAverage", "RStack"]
