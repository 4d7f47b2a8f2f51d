"""Commands that concern a connection, as redis-py sends them in process: each reply is that of Redis 8.2."""

from __future__ import annotations

import re
import shlex
import threading
from typing import Any

import pytest
import redis
from wire import Ours, Refused, Wire, comparable, differences

import redipy
from redipy.redis_py import ConnectionPool, connection_pool

CALLS = r"""
AUTH | AUTH a | AUTH a b | AUTH default b | AUTH default | AUTH a b c | AUTH "" "" | AUTH "" | auth A | AUTH Default b
CLIENT | CLIENT FOO | CLIENT foo bar | CLIENT "" | CLIENT "a\nb" | client getname | CLIENT|ID
CLIENT HELP | CLIENT HELP x | CLIENT ID x | CLIENT GETNAME x | CLIENT INFO | CLIENT INFO x
CLIENT SETNAME | CLIENT SETNAME a | CLIENT SETNAME "a b" | CLIENT SETNAME "" | CLIENT SETNAME a~ | CLIENT SETNAME "a\n"
CLIENT SETNAME a b | CLIENT SETNAME ä
CLIENT SETINFO | CLIENT SETINFO lib-name | CLIENT SETINFO FOO x | CLIENT SETINFO lib-name "a b" | CLIENT SETINFO lib-name a b
CLIENT SETINFO LIB-NAME "" | CLIENT SETINFO LIB-VER 1~ | CLIENT SETINFO lib-ver 1.0 | CLIENT SETINFO LIB-NAME redis-py(x_v1)
CLIENT NO-TOUCH | CLIENT NO-TOUCH foo | CLIENT NO-TOUCH on | CLIENT NO-TOUCH OFF | CLIENT NO-TOUCH on x
CLIENT NO-EVICT | CLIENT NO-EVICT foo | CLIENT NO-EVICT on | CLIENT NO-EVICT off | CLIENT NO-EVICT on x
CLIENT GETREDIR | CLIENT GETREDIR x | CLIENT TRACKINGINFO | CLIENT TRACKINGINFO x
CLIENT CACHING | CLIENT CACHING yes | CLIENT CACHING no | CLIENT CACHING foo | CLIENT CACHING yes x
CLIENT TRACKING | CLIENT TRACKING off | CLIENT TRACKING foo | CLIENT TRACKING on foo | CLIENT TRACKING off foo
CLIENT TRACKING on REDIRECT | CLIENT TRACKING on REDIRECT x | CLIENT TRACKING on REDIRECT 99999999
CLIENT TRACKING off REDIRECT 99999999 | CLIENT TRACKING foo REDIRECT 99999999 | CLIENT TRACKING off BCAST
CLIENT TRACKING on BCAST OPTIN | CLIENT TRACKING on PREFIX a | CLIENT TRACKING on OPTIN OPTOUT | CLIENT TRACKING on PREFIX
CLIENT TRACKING on BCAST PREFIX a OPTIN | CLIENT TRACKING on REDIRECT 99999999 BCAST OPTIN | CLIENT TRACKING foo BCAST
CLIENT UNBLOCK | CLIENT UNBLOCK x | CLIENT UNBLOCK 99999999 | CLIENT UNBLOCK 99999999 FOO | CLIENT UNBLOCK x FOO
CLIENT UNBLOCK 99999999 TIMEOUT | CLIENT UNBLOCK 99999999 error | CLIENT UNBLOCK 99999999 error x | client unblock 1 2 3 4
CLIENT UNPAUSE | CLIENT UNPAUSE x | CLIENT PAUSE | CLIENT PAUSE x | CLIENT PAUSE -1 | CLIENT PAUSE 0 | CLIENT PAUSE 0 all
CLIENT PAUSE 1 FOO | CLIENT PAUSE x FOO | CLIENT PAUSE -1 FOO | CLIENT PAUSE 1 all x | CLIENT PAUSE 0 WRITE
CLIENT REPLY | CLIENT REPLY foo | CLIENT REPLY on | CLIENT REPLY on x
CLIENT KILL | CLIENT KILL x | CLIENT KILL 127.0.0.1:1 | CLIENT KILL ID | CLIENT KILL ID x | CLIENT KILL ID 0 | CLIENT KILL ID -1
CLIENT KILL ID 99999999 | CLIENT KILL TYPE foo | CLIENT KILL TYPE pubsub | CLIENT KILL USER foo | CLIENT KILL USER
CLIENT KILL ADDR 1.1.1.1:1 | CLIENT KILL LADDR 1.1.1.1:1 | CLIENT KILL SKIPME foo | CLIENT KILL SKIPME yes
CLIENT KILL MAXAGE x | CLIENT KILL MAXAGE 0 | CLIENT KILL MAXAGE 1000000 | CLIENT KILL FOO BAR | CLIENT KILL ID 99999999 FOO
CLIENT KILL ID x FOO | CLIENT KILL ID 99999999 TYPE normal | CLIENT KILL TYPE normal SKIPME no | CLIENT KILL TYPE master
CLIENT KILL USER default | CLIENT KILL ID 9999999999999999999999
CLIENT LIST | CLIENT LIST TYPE foo | CLIENT LIST TYPE | CLIENT LIST TYPE normal | CLIENT LIST type pubsub | CLIENT LIST TYPE master
CLIENT LIST TYPE slave | CLIENT LIST TYPE replica | CLIENT LIST TYPE normal x | CLIENT LIST ID | CLIENT LIST ID x
CLIENT LIST ID 99999999 | CLIENT LIST ID 0 | CLIENT LIST ID -1 | CLIENT LIST ID 99999999 x | CLIENT LIST FOO
CLIENT LIST FOO bar | CLIENT LIST TYPE normal ID 1 | client list id 99999999 99999998 | CLIENT LIST USER default
HELLO | HELLO abc | HELLO "" | HELLO 2.0 | HELLO 02 | HELLO AUTH default x | HELLO 4 | HELLO 1 | HELLO -1 | hello 9 FOO
HELLO 99999999999999999999 | HELLO 2 SETNAME a SETNAME b | HELLO 3 SETNAME a | HELLO 3 AUTH a b | HELLO 3 AUTH default b
HELLO 3 AUTH a | HELLO 3 SETNAME | HELLO 3 SETNAME "a b" | HELLO 2 SETNAME q AUTH a b | HELLO 2 SETNAME w FOO | HELLO 3 FOO
HELLO 3 auth default "" setname z | HELLO 3 SETNAME "a b" FOO | HELLO 3 AUTH x y SETNAME "a b" | HELLO 2 | HELLO 3
HELLO 2 AUTH default x AUTH a b | HELLO 3 SETNAME ""
PING | PING a | PING a b | PING "" | ECHO | ECHO a | ECHO a b | ECHO ""
SELECT | SELECT x | SELECT 1 | SELECT 1 2 | SELECT -1 | SELECT 16 | SELECT 99999999999 | SELECT 15
RESET | RESET x | QUIT | QUIT x y | QUITX | FOO | FOO x y | GET | GET a | get a b
SUBSCRIBE | SUBSCRIBE a | SUBSCRIBE a a | SUBSCRIBE a b c | PSUBSCRIBE | PSUBSCRIBE a* | PSUBSCRIBE a b
UNSUBSCRIBE | UNSUBSCRIBE x | UNSUBSCRIBE news | UNSUBSCRIBE x news y | PUNSUBSCRIBE | PUNSUBSCRIBE a b | UNSUBSCRIBE x x
WATCH | WATCH a | WATCH a b a | UNWATCH | UNWATCH x | MULTI | MULTI x | EXEC | EXEC x | DISCARD | DISCARD x
INFO foo | INFO foo bar | INFO "" | INFO sentinel | PUBLISH | PUBLISH news | PUBLISH none x
"""
CONTEXTS = {
    "plain": ([], []),
    "multi": (["MULTI", "SET k v"], ["GET k", "EXEC"]),
    "listening": (["SUBSCRIBE news"], []),
}
WRONG_PASSWORDS = {
    *("AUTH a b", 'AUTH "" ""', "AUTH Default b", "HELLO 3 AUTH a b", "HELLO 2 SETNAME q AUTH a b"),
    "HELLO 2 AUTH default x AUTH a b",
}
# What follows a call: how the connection stands afterwards.
AFTER = ["CLIENT INFO", "CLIENT GETNAME", "GET k", "EXEC"]


def words(call: str) -> list[bytes]:
    """A call as it is sent."""
    return [word.replace("\\n", "\n").encode() for word in shlex.split(call)]


@pytest.mark.parametrize("protocol", [2, 3], ids=["resp2", "resp3"])
@pytest.mark.parametrize("context", CONTEXTS)
def test_every_call_is_answered_as_by_a_server(private_port: int, context: str, protocol: int) -> None:
    before, after = CONTEXTS[context]
    wrong = []
    for call in re.split(r" \| |\n", CALLS.strip()):
        # A server forgets to say this where another reply has not been sent yet, and so breaks the reply of EXEC.
        if context == "multi" and call in WRONG_PASSWORDS:
            continue
        there, here = Wire(private_port), Ours(redipy.Redis())
        said = []
        for connection in (here, there):
            connection.prepare([words(each) for each in ["FLUSHALL", f"HELLO {protocol}", *before]])
            replies = connection.ask([words(each) for each in [call, *after, *AFTER]], b"the end")
            said.append([comparable(reply) for reply in replies])
            connection.close()
        wrong += [f"{call}: ours, theirs: {pair}" for pair in differences(*said)]
    assert not wrong, "\n" + "\n".join(wrong)


PROGRAMS = [
    "CLIENT REPLY SKIP; PING a; PING b",
    "CLIENT REPLY SKIP; CLIENT REPLY SKIP; PING a; PING b",
    "CLIENT REPLY OFF; PING a; CLIENT REPLY foo; CLIENT REPLY SKIP; PING b; CLIENT REPLY ON; PING c",
    "CLIENT REPLY OFF; SUBSCRIBE x; PUBLISH x hi; UNSUBSCRIBE x; CLIENT REPLY ON",
    "CLIENT REPLY OFF; RESET; PING a",
    "MULTI; CLIENT SETNAME x; CLIENT GETNAME; SELECT 3; CLIENT INFO; SET k v; EXEC; CLIENT GETNAME; CLIENT INFO",
    "MULTI; HELLO 3; HSET h a 1; HGETALL h; HELLO 2; HGETALL h; ZADD z 1 a; ZRANGE z 0 -1 WITHSCORES; EXEC; HGETALL h",
    "MULTI; SUBSCRIBE a b; CLIENT SETNAME x; PING; PSUBSCRIBE p*; EXEC; PING; CLIENT INFO; RESET; CLIENT INFO",
    "MULTI; SUBSCRIBE a; UNSUBSCRIBE a; UNSUBSCRIBE; PING a; EXEC; CLIENT INFO",
    "MULTI; GET k; RESET; EXEC; CLIENT INFO",
    "MULTI; CLIENT FOO; DISCARD; EXEC; MULTI; EXEC",
    "MULTI; CLIENT SETNAME; GET k; EXEC; EXEC",
    "MULTI; HELLO 9; AUTH a; CLIENT NO-TOUCH foo; SELECT 99; INFO foo; UNWATCH; EXEC",
    "MULTI; EXEC x; EXEC; WATCH k; CLIENT INFO; MULTI; SET k v; CLIENT INFO; EXEC; CLIENT INFO",
    "WATCH k; SET k v; MULTI; CLIENT SETNAME x; EXEC; CLIENT GETNAME; CLIENT INFO",
    "WATCH k j k; CLIENT INFO; SELECT 1; WATCH k; CLIENT INFO; UNWATCH; CLIENT INFO; WATCH k; RESET; CLIENT INFO",
    "SUBSCRIBE a; PSUBSCRIBE b; UNSUBSCRIBE; PING; PUNSUBSCRIBE; PING; EXEC; DISCARD; CLIENT INFO",
    "SUBSCRIBE a; PUBLISH a x; PUBLISH a y; PING; UNSUBSCRIBE; GET k",
    "SELECT 3; CLIENT SETNAME n; CLIENT SETINFO lib-name l; CLIENT NO-EVICT on; WATCH a; SUBSCRIBE a; RESET; CLIENT INFO",
    "HELLO 3; SUBSCRIBE a; MULTI; SUBSCRIBE b; HELLO 2; PING; EXEC; PING; GET k; RESET; GET k",
    "CLIENT LIST; CLIENT SETNAME me; CLIENT LIST TYPE normal; HELLO 3; SUBSCRIBE a; CLIENT LIST TYPE pubsub; CLIENT LIST",
]


@pytest.mark.parametrize("protocol", [2, 3], ids=["resp2", "resp3"])
def test_programs_are_answered_as_by_a_server(private_port: int, protocol: int) -> None:
    wrong = []
    for program in PROGRAMS:
        here, there = Ours(redipy.Redis()), Wire(private_port)
        said = []
        for connection in (here, there):
            connection.prepare([words(each) for each in ["FLUSHALL", f"HELLO {protocol}"]])
            replies = connection.ask([words(each) for each in program.split("; ")], b"the end")
            said.append([comparable(reply) for reply in replies])
            connection.close()
        wrong += [f"{program}: ours, theirs: {pair}" for pair in differences(*said)]
    assert not wrong, "\n" + "\n".join(wrong)


SECTIONS = [
    *(
        "server",
        "clients",
        "memory",
        "persistence",
        "threads",
        "stats",
        "replication",
        "cpu",
        "commandstats",
        "errorstats",
    ),
    *("latencystats", "cluster"),
]
# What only a server with a port and with modules has. The sizes of all keys are told here by `INFO keysizes` only.
ONLY_THERE = ("listener0", "module", "cmdstat_config", "latency_percentiles_usec_config")
SIZES = ("db0_distrib",)


def test_info_has_what_a_server_has(private_port: int) -> None:
    for asked in ["", "default", "all", "everything", "debug", "keyspace", "keysizes", "cpu server x", *SECTIONS]:
        here, there = Ours(redipy.Redis()), Wire(private_port)
        there.prepare([words("FLUSHALL"), words("CONFIG RESETSTAT")])
        told = []
        for connection in (here, there):
            commands = ["SET k v EX 100", "RPUSH l a b c", "GET", f"INFO {asked}"]
            reply = connection.ask([words(each) for each in commands], b"the end")[-2]
            names = sorted(line.split(":")[0] for line in reply.decode().split("\r\n"))
            ignored = (*ONLY_THERE, *(() if asked == "keysizes" else SIZES))
            told.append([name for name in names if not name.startswith(ignored)])
            connection.close()
        assert told[0] == told[1], asked
        assert any(told[0]), asked


def test_info_tells_what_is_so() -> None:
    r = redis.Redis(connection_pool=connection_pool(decode_responses=True))
    r.set("k", "v", ex=100)
    r.set("j", "v")
    with pytest.raises(redis.ResponseError):
        r.lpush("k", 1)
    told = r.info("everything")
    assert told["redis_version"] == "8.2.3" and told["connected_clients"] == 1
    assert told["db0"]["keys"] == 2 and told["db0"]["expires"] == 1
    assert told["used_memory"] > 1_000_000 and told["uptime_in_seconds"] >= 0
    assert told["cmdstat_set"]["calls"] == 2 and told["cmdstat_lpush"]["failed_calls"] == 1
    assert told["errorstat_WRONGTYPE"]["count"] == 1
    assert all(r.info(section) for section in SECTIONS)
    assert "db0_distrib_strings_sizes" in r.info("keysizes")


def test_connections_know_each_other() -> None:
    engine = redipy.Redis()
    one, two = (redis.Redis(connection_pool=connection_pool(engine, client_name=name)) for name in ("one", "two"))
    assert one.ping() and two.ping()
    names = [client["name"] for client in one.client_list()]
    assert names == ["one", "two"]
    two_id = two.client_id()
    assert [client["name"] for client in one.client_list(client_id=[str(two_id)])] == ["two"]
    messages = two.pubsub()
    messages.subscribe("news")
    assert [client["sub"] for client in one.client_list(_type="pubsub")] == ["1"]
    assert one.info("clients")["connected_clients"] == 2 and one.info("clients")["pubsub_clients"] == 1


def test_pools_of_a_named_store_know_each_other() -> None:
    one, two = (
        redis.Redis(connection_pool=ConnectionPool.from_url("memory://known", client_name=name)) for name in ("a", "b")
    )
    prefixed = redipy.connect("memory://known", prefix="p:")
    three = redis.Redis(connection_pool=connection_pool(prefixed, client_name="c"))
    other = redis.Redis(connection_pool=ConnectionPool.from_url("memory://unknown"))
    assert one.ping() and two.ping() and three.ping() and other.ping()
    assert [client["name"] for client in two.client_list()] == ["a", "b", "c"]
    assert one.info("clients")["connected_clients"] == 3 and other.info("clients")["connected_clients"] == 1
    assert "data=memory://known" in repr(one.connection_pool.make_connection())


def test_a_connection_can_be_ended_by_another() -> None:
    engine = redipy.Redis()
    killer = redis.Redis(connection_pool=connection_pool(engine))
    messages: Any = redis.Redis(connection_pool=connection_pool(engine)).pubsub()
    messages.subscribe("news")
    assert messages.get_message(timeout=5)["type"] == "subscribe"
    address = killer.client_list(_type="pubsub")[0]["addr"]
    waited: list[BaseException] = []

    def wait() -> None:
        try:
            messages.connection.read_response(disconnect_on_error=False)
        except redis.ConnectionError as error:
            waited.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert killer.client_kill_filter(addr=address) == 1
    waiter.join(10)
    assert "Connection closed by server." in str(waited[0])
    assert killer.client_list(_type="pubsub") == []
    survivor = redis.Redis(connection_pool=connection_pool(engine, max_connections=1))
    survivor.ping()
    assert killer.client_kill_filter(skipme=True) == 1
    assert survivor.ping(), "the pool makes a new connection"


def test_commands_can_come_as_lines_that_people_type() -> None:
    session = redipy._native.Session(redipy.Redis(), Refused, list)
    assert session.receive(b"PING\r\nset k 'a b'\n\r\nget") == [b"PONG", b"OK"]
    assert session.receive(b' "\\x6b"\r\n*1\r\n$4\r\nPING\r\n') == [b"a b", b"PONG"]
    (refused,) = session.receive(b'GET "k\r\n')
    assert str(refused) == "ERR Protocol error: unbalanced quotes in request"
    assert session.receive(b"PING\r\n") == []
