"""The modules and names that users of the original import."""

from __future__ import annotations

import datetime
import importlib
import io
import subprocess
import sys
from types import ModuleType

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import redipy
from redipy import plugin, util
from redipy.memory.rt import LocalRuntime
from redipy.memory.state import Machine

NAMES = {
    "redipy": "ExecFunction LocalRuntime PipelineAPI RSM_ALWAYS RSM_EXISTS RSM_MISSING RSetMode Redis RedisAPI"
    " RedisClientAPI RedisConfig RedisConnection RedisFactory Runtime __version__ helpers plugin script version",
    "redipy.api": "KEY_TYPES KeyType PipelineAPI REX_ALWAYS REX_EARLIER REX_EXPIRE REX_LATER REX_PERSIST RExpireMode"
    " RSM_ALWAYS RSM_EXISTS RSM_MISSING RSetMode RedisAPI RedisClientAPI as_key_type",
    "redipy.main": "Redis",
    "redipy.script": "CallFn Constant ExecFunction FindFn FnContext FromJSON JSONType LogFn RedisFn RedisHash RedisList"
    " RedisSet RedisSortedSet RedisVar Strs ToIntStr ToJSON ToNum ToStr TypeStr",
    "redipy.plugin": "ArgcSpec GeneralFunction HELPER_PKG HelperFunction LocalGeneralFunction LocalRedisFunction"
    " LuaGeneralPatch LuaPatch LuaRedisPatch NamedFunction add_patch_plugin add_plugin",
    "redipy.backend.backend": "ExecFunction",
    "redipy.backend.runtime": "Runtime",
    "redipy.graph.cmd": "CommandObj",
    "redipy.graph.expr": "BinOps CallObj ExprObj JSONType get_literal",
    "redipy.graph.seq": "SequenceObj",
    "redipy.symbolic.core": "Compilable",
    "redipy.symbolic.expr": "Constant Expr MixedType Strs",
    "redipy.symbolic.fun": "CallFn FindFn FromJSON LogFn RedisFn ToIntStr ToJSON ToNum ToStr TypeStr",
    "redipy.symbolic.seq": "FnContext",
    "redipy.symbolic.rlist": "RedisList",
    "redipy.symbolic.rhash": "RedisHash",
    "redipy.symbolic.rset": "RedisSet",
    "redipy.symbolic.rvar": "RedisVar",
    "redipy.symbolic.rzset": "RedisSortedSet",
    "redipy.memory.local": "ExecFunction JSONType",
    "redipy.memory.rt": "LocalRuntime",
    "redipy.memory.state": "Machine",
    "redipy.redis.conn": "RedisConfig RedisConnection RedisFactory RedisFunctionBytes",
    "redipy.redis.lua": "HELPER_PKG ExecFunction HelperFunction LuaGeneralPatch LuaRedisPatch",
    "redipy.helpers.cache": "RCache",
    "redipy.helpers.stack": "RStack",
    "redipy.util": "BUFF_SIZE ELAPSED_UNITS NL NUMBER_PATTERN TEST_SALT TEST_SALT_LOCK check_pid_exists code_fmt convert_pattern"
    " deindent elapsed_time_string escape extract_list extract_number file_hash_size fmt_time from_timestamp get_file_hash"
    " get_function_info get_relative_function_info get_short_hash get_test_salt get_text_hash get_time_str highest_number"
    " ideal_thread_count identity indent is_float is_hex is_int is_json is_test json_compact json_dump json_load"
    " json_maybe_read json_pretty json_read lua_fmt normalize_values now now_ts only parent_python_module parse_time_str"
    " python_module read_jsonl reject_patterns report_json_error retain_some short_hash_size text_hash_size time_diff"
    " to_bool to_list to_list_str to_maybe_str to_number_str to_timestamp unescape",
}


ELSEWHERE = {
    "redipy": "PACKAGE_VERSION util api",
    "redipy.main": "KeyType REX_ALWAYS RExpireMode RSetMode RSM_ALWAYS PipelineAPI RedisClientAPI ExecFunction Runtime SequenceObj LocalRuntime RedisConfig RedisConnection RedisFactory FnContext",
    "redipy.backend.backend": "CommandObj ExprObj SequenceObj JSONType",
    "redipy.backend.runtime": "RedisClientAPI ExecFunction SequenceObj FnContext",
    "redipy.memory.local": "PipelineAPI RedisAPI CommandObj BinOps ExprObj SequenceObj json_compact",
    "redipy.memory.rt": "KeyType PipelineAPI REX_ALWAYS RExpireMode RSetMode RSM_ALWAYS Runtime JSONType Machine now add_plugin LocalGeneralFunction LocalRedisFunction",
    "redipy.memory.state": "KeyType RedisAPI REX_ALWAYS REX_EARLIER REX_EXPIRE REX_LATER REX_PERSIST RExpireMode RSetMode RSM_ALWAYS RSM_EXISTS RSM_MISSING convert_pattern now reject_patterns time_diff to_number_str",
    "redipy.redis.conn": "as_key_type KeyType PipelineAPI REX_ALWAYS REX_EARLIER REX_EXPIRE REX_LATER REX_PERSIST RExpireMode RSetMode RSM_ALWAYS RSM_EXISTS RSM_MISSING Runtime LuaBackend is_test normalize_values now time_diff to_list_str to_maybe_str",
    "redipy.redis.lua": "PipelineAPI RedisAPI CommandObj BinOps CallObj ExprObj JSONType get_literal SequenceObj code_fmt indent json_compact lua_fmt add_patch_plugin add_plugin LuaBackend",
    "redipy.symbolic.fun": "REX_ALWAYS REX_EARLIER REX_EXPIRE REX_LATER REX_PERSIST RExpireMode ExprObj Constant Expr MixedType lit_helper RedisObj LogLevel",
    "redipy.symbolic.rvar": "RSetMode RSM_ALWAYS RSM_EXISTS RSM_MISSING Expr MixedType RedisObj",
    "redipy.symbolic.seq": "StmtObj CommandObj SequenceObj",
}
"""Names that the modules have besides, because those of the original have them."""


@pytest.mark.parametrize("module", NAMES)
def test_names(module: str) -> None:
    """Each module has its names."""
    found = importlib.import_module(module)
    names = f"{NAMES[module]} {ELSEWHERE.get(module, '')}".split()
    assert [name for name in names if not hasattr(found, name)] == []


def test_version() -> None:
    """Programs that ask for the original's versions or newer ones are content with this package."""
    requirement = SpecifierSet(">=0.4.2")
    assert requirement.contains(redipy.__version__, prereleases=True)
    assert not Version(redipy.__version__) < Version("1.0.0a1")


class Echo(plugin.LocalGeneralFunction):
    """A function for the tests below."""

    @staticmethod
    def name() -> str:
        return "echo"

    @staticmethod
    def argc() -> plugin.ArgcSpec:
        return {"count": 1}


class Both(plugin.LuaRedisPatch):
    """A patch of two commands."""

    @staticmethod
    def names() -> set[str]:
        return {"get", "hget"}


def make_module(name: str, monkeypatch: pytest.MonkeyPatch, *classes: type) -> str:
    """A module with these classes."""
    module = ModuleType(name)
    for clazz in classes:
        setattr(module, clazz.__name__, clazz)
    monkeypatch.setitem(sys.modules, name, module)
    return name


def test_functions_are_found_by_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a module defines is added by its name, once; what it imports is not."""
    own = type("Own", (Echo,), {"__module__": "own_functions"})
    name = make_module("own_functions", monkeypatch, own, Echo)
    target: dict[str, plugin.LocalGeneralFunction] = {}
    plugin.add_plugin(name, target, plugin.LocalGeneralFunction)
    assert [type(found) for found in target.values()] == [own]
    with pytest.raises(RuntimeError, match="duplicate function definition: echo"):
        plugin.add_plugin(name, target, plugin.LocalGeneralFunction)
    with pytest.raises(RuntimeError, match="function name echo is not allowed"):
        plugin.add_plugin(name, {}, plugin.LocalGeneralFunction, {"echo"})
    others: dict[str, plugin.HelperFunction] = {}
    plugin.add_plugin(name, others, plugin.HelperFunction)
    assert others == {}


def test_patches_are_found_by_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A patch is added for each of its names, and knows which one it stands for."""
    own = type("Own", (Both,), {"__module__": "own_patches"})
    name = make_module("own_patches", monkeypatch, own)
    target: dict[str, plugin.LuaRedisPatch] = {}
    plugin.add_patch_plugin(name, target, plugin.LuaRedisPatch)
    assert {key: patch.name() for key, patch in target.items()} == {"get": "get", "hget": "hget"}
    with pytest.raises(RuntimeError, match="duplicate patch definition"):
        plugin.add_patch_plugin(name, target, plugin.LuaRedisPatch)
    with pytest.raises(ImportError):
        plugin.add_patch_plugin("no_such_module", target, plugin.LuaRedisPatch)


def test_machine_is_what_has_the_calls() -> None:
    """What a plug-in calls a machine has the calls of a runtime."""
    calls = {name for name in dir(LocalRuntime) if not name.startswith("_")}
    assert {"get_value", "zpop_max", "hmget", "smembers", "keys", "strlen"} <= calls & set(dir(Machine))


def test_times() -> None:
    """Times, as numbers and as text."""
    start = util.from_timestamp(1.5)
    assert util.to_timestamp(start) == 1.5
    assert util.parse_time_str(util.fmt_time(start)) == start
    assert util.time_diff(start, start - datetime.timedelta(seconds=2)) == -2
    assert abs(util.time_diff(util.now(), util.now_ts())) < 60
    assert util.now().tzinfo is not None


def test_json() -> None:
    """JSON, and what is said of text that is none."""
    assert util.json_read(util.json_compact({"b": [1], "a": "ü"})) == {"a": "ü", "b": [1]}
    assert list(util.read_jsonl(io.StringIO("1\n\n[2]\n"))) == [1, [2]]
    assert util.is_json("null") and not util.is_json("{")
    assert util.json_maybe_read("{") is None
    for broken in (lambda: util.json_read(b"{"), lambda: list(util.read_jsonl(io.StringIO("{")))):
        with pytest.raises(ValueError, match=r"JSON parse error \(1:2\): '\{'"):
            broken()


def test_numbers_and_texts() -> None:
    """Numbers and texts."""
    assert [util.is_int(value) for value in ("1", "1.5", 2)] == [True, False, True]
    assert [util.is_float(value) for value in ("1.5", "x", None)] == [True, False, False]
    assert util.to_list_str([b"a", b"b"], str.upper) == ["A", "B"]
    assert util.to_list_str(None) is None and util.to_maybe_str(None) is None
    assert util.normalize_values((b"a", {b"b": [b"c"]}, None)) == ("a", {"b": ["c"]}, None)
    assert util.only(["x"]) == "x"
    with pytest.raises(ValueError, match="exactly one"):
        util.only([])
    text = "a\nb\\nc"
    assert util.unescape(util.escape(text, {"\n": "n"}), {"n": "\n"}) == text


def test_where_the_data_is_can_be_seen() -> None:
    class Own(redipy.Redis):
        pass

    assert repr(redipy.Redis()) == "<Redis memory://>"
    assert repr(Own(url="memory://seen", prefix="p:")) == '<Own memory://seen with prefix "p:">'
    assert repr(redipy.Redis(host="127.0.0.1", port=1)) == "<Redis redis://127.0.0.1:1/0>"
    assert repr(redipy.Redis(url="memory://seen").get_runtime()) == "<LocalRuntime memory://seen>"
    assert repr(redipy.aio.Redis(url="memory://seen")) == "<Redis memory://seen>"
    assert redipy.connect("memory://seen").describe() == "memory://seen"


LATER = """
import sys
import redipy
assert not {"redis", "redipy.aio", "redipy.redis_py", "redipy.testing", "pytest"} & sys.modules.keys()
assert {"aio", "redis_py", "testing", "Redis"} <= set(dir(redipy))
for name in ("aio", "redis_py", "testing"):
    assert getattr(redipy, name) is sys.modules[f"redipy.{name}"]
assert not hasattr(redipy, "nothing")
"""


def test_modules_that_are_imported_later() -> None:
    subprocess.run([sys.executable, "-c", LATER], check=True)
