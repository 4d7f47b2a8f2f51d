"""Where the original ran scripts in process.

Ours run in Rust: `redipy.memory.rt.LocalRuntime` is all that there is to use. The type of a script's values and its
compiled form are here, because this is where they were imported from.
"""

from redipy.api import PipelineAPI, RedisAPI
from redipy.backend.backend import ExecFunction
from redipy.graph.cmd import CommandObj, SequenceObj
from redipy.graph.expr import BinOps, ExprObj, JSONType
from redipy.util import json_compact

__all__ = [
    "BinOps",
    "CommandObj",
    "ExecFunction",
    "ExprObj",
    "JSONType",
    "PipelineAPI",
    "RedisAPI",
    "SequenceObj",
    "json_compact",
]
