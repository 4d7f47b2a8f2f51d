"""What in-process functions of one's own are given.

The original had its data structures here. Ours are in Rust; what is left is the name that plug-ins are annotated with.
"""

from redipy.api import RedisAPI

Machine = RedisAPI
"""What `redipy.plugin.LocalRedisFunction.call` is given: something with the calls of a Redis."""

__all__ = ["Machine"]
