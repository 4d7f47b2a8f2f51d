"""The transport of kombu: queues, priorities, topics and fanout, on the engine and on a server."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Thread
from typing import Any

import pytest
from libraries import library

kombu = library("kombu")
transport = library("redipy.kombu")


def _connection(place: Any, **options: Any) -> Any:
    return kombu.Connection(f"redipy+{place.url}", transport_options=options)


@pytest.fixture
def connection(place: Any) -> Iterator[Any]:
    """A connection to each place."""
    with _connection(place) as opened:
        yield opened


def _taken(queue: Any, count: int) -> list[Any]:
    taken = []
    for _ in range(count):
        message = queue.get(timeout=2)
        taken.append(message.payload)
        message.ack()
    return taken


def test_a_queue(connection: Any, place: Any) -> None:
    queue = connection.SimpleQueue("letters")
    for number in range(3):
        queue.put({"number": number, "text": "ä"})
    assert queue.qsize() == 3
    with _connection(place) as other:
        assert _taken(other.SimpleQueue("letters"), 3) == [{"number": number, "text": "ä"} for number in range(3)]
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.01)
    queue.put(1)
    assert queue.clear() == 1 and queue.qsize() == 0


def test_a_message_arrives_at_once(connection: Any, place: Any) -> None:
    queue = connection.SimpleQueue("letters")

    def send() -> None:
        time.sleep(0.05)
        with _connection(place) as other:
            other.SimpleQueue("letters").put("now")

    sender = Thread(target=send)
    start = time.monotonic()
    sender.start()
    assert _taken(queue, 1) == ["now"]
    assert time.monotonic() - start < 0.8, "it was found by looking every second"
    sender.join()


def test_priorities(connection: Any) -> None:
    queue = connection.SimpleQueue("letters")
    for priority in (9, 0, 5, 3, 0, 100, -1):
        queue.put(priority, priority=priority)
    assert queue.qsize() == 7
    assert _taken(queue, 7) == [0, 0, -1, 5, 3, 9, 100]


def test_what_is_not_acknowledged_comes_back(place: Any) -> None:
    with _connection(place) as first:
        queue = first.SimpleQueue("letters")
        for number in range(4):
            queue.put(number)
        queue.get(timeout=2).ack()
        kept = [queue.get(timeout=2) for _ in range(2)]
        assert [message.payload for message in kept] == [1, 2]
    with _connection(place) as second:
        queue = second.SimpleQueue("letters")
        message = queue.get(timeout=2)
        assert message.payload == 1 and message.headers["redelivered"] is True
        message.requeue()
        assert _taken(queue, 3) == [1, 2, 3]


def test_exchanges(connection: Any) -> None:
    channel = connection.channel()
    topic = kombu.Exchange("animals", type="topic")
    cats = kombu.Queue("cats", topic, routing_key="cat.#")
    black = kombu.Queue("black", topic, routing_key="*.black")
    for queue in (cats, black):
        queue(channel).declare()
    producer = kombu.Producer(channel, exchange=topic)
    for key in ("cat.black", "dog.black", "cat.white.old", "dog"):
        producer.publish(key, routing_key=key)

    def all_of(queue: Any) -> list[str]:
        bound = queue(channel)
        return [message.payload for message in iter(bound.get, None)]

    assert all_of(cats) == ["cat.black", "cat.white.old"]
    assert all_of(black) == ["cat.black", "dog.black"]
    cats(channel).delete()
    producer.publish("again", routing_key="cat.black")
    assert all_of(black) == ["again"] and all_of(cats) == []


def test_fanout(place: Any) -> None:
    seen: dict[str, list[str]] = {"one": [], "two": []}
    news = kombu.Exchange("news", type="fanout")
    with ExitStack() as stack:
        sender, *readers = (stack.enter_context(_connection(place)) for _ in range(3))
        for reader, name in zip(readers, seen, strict=True):
            queue = kombu.Queue(f"reader-{name}", news, auto_delete=True)

            def take(body: str, message: Any, name: str = name) -> None:
                seen[name].append(body)
                message.ack()

            stack.enter_context(kombu.Consumer(reader.channel(), [queue], callbacks=[take]))
        producer = sender.Producer(exchange=news)
        for text in ("first", "second"):
            producer.publish(text, declare=[news])
        for reader in readers:
            for _ in range(2):
                reader.drain_events(timeout=2)
            with pytest.raises(TimeoutError):
                reader.drain_events(timeout=0.01)
    assert seen == {"one": ["first", "second"], "two": ["first", "second"]}


def test_two_queues_of_a_fanout_exchange_on_one_connection(connection: Any) -> None:
    news = kombu.Exchange("news", type="fanout")
    seen: list[str] = []

    def consumer(name: str) -> Any:
        return kombu.Consumer(
            connection.channel(), [kombu.Queue(name, news)], on_message=lambda _: seen.append(name), no_ack=True
        )

    producer = connection.Producer(exchange=news)
    with consumer("one"):
        with consumer("two"):
            producer.publish("both")
            connection.drain_events(timeout=2)
        producer.publish("one is left")
        connection.drain_events(timeout=2)
    assert seen == ["one", "two", "one"]


def test_queues_that_go_by_themselves(place: Any) -> None:
    redis = place.client()
    with _connection(place) as connection:
        news, channel = kombu.Exchange("news", type="fanout"), connection.channel()
        kombu.Queue("mine", news, auto_delete=True)(channel).declare()
        assert redis.scard("_kombu.binding.news") == 1
        replies = kombu.Queue("replies", expires=5)(channel)
        replies.declare()
        connection.Producer(channel).publish("answer", routing_key="replies")
        assert 4 <= redis.ttl("replies") <= 5
        assert replies.get().payload == "answer"
    assert redis.exists("_kombu.binding.news", "_kombu.binding_permanent.news") == 0


def test_a_busy_queue_does_not_hold_up_the_news(connection: Any) -> None:
    news = kombu.Exchange("news", type="fanout")
    seen: list[str] = []

    def take(body: str, message: Any) -> None:
        message.ack()
        seen.append(body)

    channel = connection.channel()
    queues = [kombu.Queue("reader", news), kombu.Queue("work")]
    with kombu.Consumer(channel, queues, callbacks=[take]):
        producer = connection.Producer()
        for number in range(20):
            producer.publish(f"work {number}", routing_key="work")
        producer.publish("news", exchange=news)
        while "news" not in seen:
            connection.drain_events(timeout=2)
        assert len(seen) < 20
        while len(seen) < 21:
            connection.drain_events(timeout=2)


def test_an_acknowledgement_of_another_thread_makes_room(connection: Any) -> None:
    seen: list[str] = []

    def take(body: str, message: Any) -> None:
        def work() -> None:
            time.sleep(0.03)
            seen.append(body)
            message.ack()

        Thread(target=work).start()

    with kombu.Consumer(connection.channel(), [kombu.Queue("work")], callbacks=[take], prefetch_count=2):
        producer = connection.Producer()
        for number in range(8):
            producer.publish(str(number), routing_key="work")
        start = time.monotonic()
        for _ in range(8):
            connection.drain_events(timeout=5)
        assert time.monotonic() - start < 0.9, "each pair of messages waited for the next look"


def test_a_prefix(place: Any) -> None:
    with _connection(place, prefix="one:") as one, _connection(place, prefix="two:") as two:
        one.SimpleQueue("letters").put("for one")
        assert two.SimpleQueue("letters").qsize() == 0
        assert _taken(one.SimpleQueue("letters"), 1) == ["for one"]


def test_who_shares_data() -> None:
    with kombu.Connection("redipy://kombu-a") as a, kombu.Connection("redipy+memory://kombu-a") as same:
        a.SimpleQueue("q").put(1)
        assert same.SimpleQueue("q").qsize() == 1
        with kombu.Connection("redipy://kombu-b") as b:
            assert b.SimpleQueue("q").qsize() == 0
        with kombu.Connection(same.as_uri()) as as_shown:
            assert as_shown.SimpleQueue("q").qsize() == 1


def test_wrong_places() -> None:
    for url, error in [("redipy+nowhere://x", ValueError), ("redipy+redis://127.0.0.1:1", ConnectionError)]:
        once = {"max_retries": 1, "interval_start": 0}
        with pytest.raises(error), kombu.Connection(url, transport_options=once) as connection:
            connection.connect()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_worker_is_refused() -> None:
    transport.broker("memory://kombu-fork")
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            transport.broker("memory://kombu-fork")
        except RuntimeError as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert b"memory://kombu-fork is in another process" in os.read(reader, 1000)


def test_together_with_the_transport_of_kombu(server_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    redis = library("redis")
    # It refuses older versions, one of which is here; what is used of it here is older than that.
    monkeypatch.setattr(redis, "VERSION", max(redis.VERSION, (6, 1, 0)))
    url = f"redis://127.0.0.1:{server_port}"
    redis.Redis(port=server_port).flushall()
    news, seen = kombu.Exchange("news", type="fanout"), []

    def take(body: str, message: Any) -> None:
        seen.append(body)
        message.ack()

    with kombu.Connection(url) as theirs, kombu.Connection(f"redipy+{url}") as ours:
        for sender, receiver in ((theirs, ours), (ours, theirs)):
            sender.SimpleQueue("letters").put("low", priority=9)
            sender.SimpleQueue("letters").put("high")
            assert _taken(receiver.SimpleQueue("letters"), 2) == ["high", "low"]
            with kombu.Consumer(receiver.channel(), [kombu.Queue("r", news)], callbacks=[take]):
                with suppress(TimeoutError):  # theirs subscribes when it is first asked
                    receiver.drain_events(timeout=0.2)
                sender.Producer(exchange=news).publish(repr(sender), declare=[news])
                while repr(sender) not in seen:
                    receiver.drain_events(timeout=2)
