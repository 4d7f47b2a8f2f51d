"""The intermediate form of scripts: dictionaries that ``kind`` tells apart.

A script is a tree of expressions (`redipy.graph.expr`), statements (`redipy.graph.cmd`) and sequences of statements
(`redipy.graph.seq`). A ``compile_hook`` receives it.
"""
