"""Sequences of statements of the intermediate form."""

from redipy.graph.cmd import CommandObj, FunctionObj, ScriptObj, SeqObj, SequenceObj

__all__ = ["CommandObj", "FunctionObj", "ScriptObj", "SeqObj", "SequenceObj"]
