"""Where the original ran scripts in process.

Ours run in Rust: `redipy.memory.rt.LocalRuntime` is all that there is to use. The type of a script's values and its
compiled form are here, because this is where they were imported from.
"""

from redipy.backend.backend import ExecFunction
from redipy.graph.expr import JSONType

__all__ = ["ExecFunction", "JSONType"]
