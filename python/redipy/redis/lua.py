"""Where the original made Lua of scripts.

Ours is made in Rust, and ``lua_code_hook`` shows it. The classes of plug-ins are here, because this is where they were
imported from.
"""

from redipy.backend.backend import ExecFunction
from redipy.plugin import HELPER_PKG, HelperFunction, LuaGeneralPatch, LuaRedisPatch

__all__ = ["HELPER_PKG", "ExecFunction", "HelperFunction", "LuaGeneralPatch", "LuaRedisPatch"]
