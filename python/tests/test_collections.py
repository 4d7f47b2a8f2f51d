"""Collections are made of texts where these are stored: what is the same as elsewhere."""

from __future__ import annotations

import random
import threading

import pytest

import redipy

NAMES = ["", "f", "field", "field:10", "field:11", "x" * 31, "x" * 32, "é", "-1", "10", "a" * 70]


@pytest.mark.parametrize("decode", [True, False])
def test_names_of_fields(decode: bool) -> None:
    """Names are kept for the next call, each as the type that the client gives, whatever their lengths."""
    writer = redipy.Redis(url="memory://fields-of-hashes")
    writer.flushall()
    redis = redipy.Redis(url="memory://fields-of-hashes", decode=decode)
    fields = {name: f"v{at}" for at, name in enumerate(NAMES)}
    writer.hset("h", fields)
    wanted = fields if decode else {name.encode(): value.encode() for name, value in fields.items()}
    for _ in range(3):
        assert redis.hgetall("h") == wanted
        assert sorted(redis.hkeys("h")) == sorted(wanted) and sorted(redis.hvals("h")) == sorted(wanted.values())
    found = redis.hgetall("h")
    found.clear()
    assert redis.hgetall("h") == wanted


def test_many_names_of_fields() -> None:
    """More names than are kept, whose beginnings and ends are alike."""
    redis = redipy.Redis()
    for round_ in range(3):
        for size in (8, 10, 20):
            fields = {f"{at:0{size}}{round_}": f"{at}" for at in range(3000)}
            redis.delete("h")
            redis.hset("h", fields)
            assert redis.hgetall("h") == fields
            assert set(redis.hkeys("h")) == set(fields)


def test_texts(redis: redipy.Redis) -> None:
    """Lists, sets and sorted sets of all encodings, and what is missing or of another type."""
    texts = ["1", "-5", "text", "é", "x" * 100]
    redis.rpush("l", *texts)
    redis.sadd("s", *texts)
    redis.sadd("ints", "1", "2", "300000")
    redis.zadd("z", {text: at for at, text in enumerate(texts)})
    assert redis.lrange("l", 0, -1) == redis.zrange("z", 0, -1) == texts
    assert redis.smembers("s") == set(texts) and redis.smembers("ints") == {"1", "2", "300000"}
    many = [f"{at}" for at in range(5000)]
    redis.rpush("many", *many)
    redis.sadd("many-s", *many)
    assert redis.lrange("many", 0, -1) == many and redis.smembers("many-s") == set(many)
    assert (redis.lrange("none", 0, -1), redis.smembers("none"), redis.hkeys("none"), redis.hgetall("none")) == (
        [],
        set(),
        [],
        {},
    )
    for call in (redis.smembers, redis.hkeys, redis.hvals, redis.hgetall):
        with pytest.raises(TypeError):
            call("l")


def test_bytes_that_are_no_text(redis: redipy.Redis) -> None:
    """The exception is Python's, wherever they stand; so it is when they are met again."""
    redis.hset("h", {b"\xff": "v", "f": "v"})
    redis.hset("h2", {"f": b"\xfe"})
    redis.rpush("l", "a", b"\xfd")
    redis.sadd("s", b"\xfc")
    for _ in range(2):
        for call in (
            lambda: redis.hgetall("h"),
            lambda: redis.hkeys("h"),
            lambda: redis.hvals("h2"),
            lambda: redis.lrange("l", 0, -1),
            lambda: redis.smembers("s"),
        ):
            with pytest.raises(UnicodeDecodeError):
                call()
    assert redis.hvals("h") == ["v", "v"] and redis.hkeys("h2") == ["f"]


def test_threads_share_the_names() -> None:
    """Several threads read and write hashes with the same names."""
    redis = redipy.Redis()
    failed: list[object] = []

    def work(number: int) -> None:
        fields = {f"f{at}": f"{number}:{at}" for at in range(50)}
        for _ in range(200):
            redis.hset(f"h{number}", fields)
            if redis.hgetall(f"h{number}") != fields:
                failed.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize("decode", [True, False])
def test_hashes_that_are_read_again(decode: bool) -> None:
    """What is remembered of a hash is never given for another: contents of the same length that differ in few bytes."""
    randomness = random.Random(7)
    redis = redipy.Redis(decode=decode)
    model: dict[str, dict[str, str]] = {"h": {}, "g": {}}
    for _ in range(4000):
        key = randomness.choice("hg")
        field, value = f"field:{randomness.randrange(6)}", randomness.choice("abc") * 40
        if randomness.random() < 0.1:
            redis.hdel(key, field)
            model[key].pop(field, None)
        else:
            redis.hset(key, {field: value})
            model[key][field] = value
        for _ in range(randomness.randrange(4)):
            found = redis.hgetall(key)
            wanted = model[key] if decode else {name.encode(): text.encode() for name, text in model[key].items()}
            assert found == wanted
            found.clear()


def test_a_hash_that_is_read_again_is_a_dictionary_of_its_own(redis: redipy.Redis) -> None:
    """Whoever changes one changes no other."""
    redis.hset("h", {f"field:{at}": f"{at}" for at in range(20)})
    read = [redis.hgetall("h") for _ in range(6)]
    assert len({id(found) for found in read}) == 6
    for found in read:
        found["other"] = "x"
        del found["field:0"]
    assert len(redis.hgetall("h")) == 20 and list(redis.hgetall("h"))[:2] == ["field:0", "field:1"]


@pytest.mark.parametrize("decode", [True, False])
def test_the_fields_that_were_asked_for(decode: bool) -> None:
    """Each is the text that was given, whatever it was given as."""

    class Text(str):
        pass

    redis = redipy.Redis(decode=decode)
    redis.hset("h", {"a": "1", "5": "2", "é": "3"})
    found = redis.hmget("h", Text("a"), b"5", "é", "none")
    wanted: dict[object, object] = {"a": "1", "5": "2", "é": "3", "none": None}
    if not decode:
        wanted = {b"a": b"1", b"5": b"2", "é".encode(): b"3", b"none": None}
    assert found == wanted and {type(name) for name in found} == {str if decode else bytes}
    assert redis.hmget("h", 5) == ({"5": "2"} if decode else {b"5": b"2"})
