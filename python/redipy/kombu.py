"""A transport of kombu, and so a broker of Celery: queues in this process, or on a server, through this package.

Example:
    >>> import kombu
    >>> import redipy.kombu
    >>> with kombu.Connection("redipy+memory://jobs") as connection:
    ...     queue = connection.SimpleQueue("letters")
    ...     queue.put({"to": "ann"})
    ...     message = queue.get(timeout=1)
    ...     message.ack()
    ...     message.payload
    {'to': 'ann'}

The import makes ``redipy+`` known to kombu. What follows it is a URL of this package: ``memory://name`` is one broker for
all of this process, ``redis://..`` a server. ``redipy://name`` is short for ``redipy+memory://name``. The keys and
channels are those of kombu's own transport for Redis, so that both can be used on one server. Other than that transport,
this one keeps what a consumer has taken only in the consumer: when its process is killed, messages that were not
acknowledged are lost.

| option in ``transport_options`` | what it does |
|---|---|
| ``polling_interval`` | how many seconds to wait at most before queues are looked at again, 1 |
| ``priority_steps`` | the priorities that have a queue of their own, ``[0, 3, 6, 9]`` |
| ``prefix`` | what is put before every key and channel |
"""

from __future__ import annotations

import os
import time
from bisect import bisect
from collections.abc import Collection
from contextlib import suppress
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

import redipy
from redipy.backend.subscription import Subscription

try:
    from kombu.transport import TRANSPORT_ALIASES, virtual
    from kombu.transport.base import to_rabbitmq_queue_arguments
    from kombu.utils.json import dumps, loads
    from kombu.utils.uuid import uuid
except ImportError as error:
    raise ImportError("redipy.kombu needs kombu: pip install redipy[celery]") from error

# Between the parts of a name, as kombu's transport for Redis has them.
SEPARATOR = "\x06\x16"
BINDINGS = "_kombu.binding."
# Keeps kombu's transport for Redis from sweeping the bindings away.
LASTING_BINDINGS = "_kombu.binding_permanent."
ARRIVALS = "_kombu.arrival."
NEWS = "/{}."

_brokers: dict[tuple[str, str], tuple[int, redipy.Redis]] = {}


def broker(url: str, prefix: str = "") -> redipy.Redis:
    """What a URL names: the same URL is the same data as long as the process lives.

    Args:
        url: ``memory://``, ``memory://name``, ``redipy://name``, ``redis://..`` or ``unix://..``.
        prefix: what is put before every key.

    Raises:
        RuntimeError: the data is in the process that this one was forked from.
        ValueError: the URL is wrong.
    """
    scheme, _, rest = url.partition("://")
    if scheme in ("memory", "redipy"):
        # kombu ends the URLs that it shows with a slash.
        url = f"memory://{rest.rstrip('/')}"
    key, own = (url, prefix), os.getpid()
    if key in _brokers and _brokers[key][0] != own and not url.startswith("memory:"):
        del _brokers[key]
    if key not in _brokers:
        # Of threads that come here at the same time, the first one's client is everybody's.
        _brokers.setdefault(key, (own, redipy.connect(url, prefix=prefix)))
    pid, client = _brokers[key]
    if pid != own:
        raise RuntimeError(f"{url} is in another process: let the worker use threads, as with --pool=threads")
    return client


class Channel(virtual.Channel):
    """Queues are lists, one for each step of the priority; a fanout exchange is a channel of messages."""

    supports_fanout = True
    priority_steps: Collection[int] = (0, 3, 6, 9)
    from_transport_options = (*virtual.Channel.from_transport_options, "priority_steps")

    def __init__(self, connection: Transport, **options: Any) -> None:
        super().__init__(connection, **options)
        self.redis = connection.redis
        # The queues of fanout exchanges, each with the channel of messages it listens to.
        self.topics: dict[str, str] = {}
        self._declared: set[str] = set()
        self._auto_delete: set[str] = set()
        # Milliseconds after which queues to which nothing is sent are deleted.
        self._expiry: dict[str, int] = {}

    def _list_of(self, queue: str, priority: int) -> str:
        steps = sorted(self.priority_steps)
        step = steps[max(bisect(steps, priority) - 1, 0)]
        return f"{queue}{SEPARATOR}{step}" if step else queue

    def _lists_of(self, queue: str) -> list[str]:
        """The lists of a queue, the most urgent first. As in kombu's transport for Redis, 0 is more urgent than 9."""
        return [self._list_of(queue, step) for step in sorted(self.priority_steps)]

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        name = self._list_of(queue, self._get_message_priority(message))
        with self.redis.pipeline() as pipe:
            pipe.lpush(name, dumps(message))
            if (expiry := self._expiry.get(queue)) is not None:
                pipe.execute_command("PEXPIRE", name, expiry)
            pipe.execute_command("PUBLISH", self.connection.channel_of(ARRIVALS + queue), "")
            pipe.execute()

    def _restore(self, message: Any) -> None:
        """Puts a message that was not acknowledged where it is the next to be taken."""
        payload, to = message.serializable(), message.delivery_info
        payload["headers"]["redelivered"] = payload["properties"]["delivery_info"]["redelivered"] = True
        for queue in self._lookup(to["exchange"], to["routing_key"]):
            self.redis.rpush(self._list_of(queue, self._get_message_priority(payload)), dumps(payload))
            self.redis.execute_command("PUBLISH", self.connection.channel_of(ARRIVALS + queue), "")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._lists_of(queue):
            if (message := self.redis.rpop(name)) is not None:
                return loads(message)
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(self.redis.llen(name) for name in self._lists_of(queue))

    def _purge(self, queue: str) -> int:
        size = self._size(queue)
        self.redis.delete(*self._lists_of(queue))
        return size

    def _new_queue(self, queue: str, auto_delete: bool = False, **options: Any) -> None:
        self._declared.add(queue)
        if auto_delete:
            self._auto_delete.add(queue)
        if (expiry := (options.get("arguments") or {}).get("x-expires")) is not None:
            self._expiry[queue] = int(expiry)

    def prepare_queue_arguments(self, arguments: dict[str, Any], **options: Any) -> Any:
        """The arguments of a queue in the words of AMQP, of which ``x-expires`` is known."""
        return to_rabbitmq_queue_arguments(arguments, **options)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        # An empty queue is no key, so nobody else can tell whether it is there.
        return queue in self._declared or self.redis.exists(*self._lists_of(queue)) > 0

    def queue_delete(self, queue: str, *args: Any, **options: Any) -> None:
        """Deletes a queue with its bindings."""
        super().queue_delete(queue, *args, **options)
        self._declared.discard(queue)
        self._auto_delete.discard(queue)
        self._expiry.pop(queue, None)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        if self.typeof(exchange).type == "fanout":
            self.topics[queue] = self._topic(exchange, (routing_key or "").replace("#", "*"))
        member = SEPARATOR.join([routing_key or "", pattern or "", queue or ""])
        self.redis.sadd(BINDINGS + exchange, member)
        self.redis.sadd(LASTING_BINDINGS + exchange, member)

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        member = SEPARATOR.join([routing_key or "", pattern or "", queue or ""])
        self.redis.srem(BINDINGS + exchange, member)
        self.redis.srem(LASTING_BINDINGS + exchange, member)
        self.redis.delete(*self._lists_of(queue))

    def get_table(self, exchange: str) -> list[tuple[str, ...]]:
        """What is bound to an exchange, by whichever connection: routing key, pattern and queue."""
        return [tuple(member.split(SEPARATOR)) for member in sorted(self.redis.smembers(BINDINGS + exchange))]

    def _topic(self, exchange: str, routing_key: str) -> str:
        name = f"{exchange}/{routing_key}" if routing_key else exchange
        transport: Transport = self.connection
        return transport.channel_of(NEWS.format(transport.database) + name)

    def _put_fanout(self, exchange: str, message: dict[str, Any], routing_key: str, **_: Any) -> None:
        self.redis.execute_command("PUBLISH", self._topic(exchange, routing_key), dumps(message))

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledges a message, which may make room for the next one. Any thread may do it."""
        super().basic_ack(delivery_tag, multiple=multiple)
        self._notice_room()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Gives a message back, or up."""
        super().basic_reject(delivery_tag, requeue=requeue)
        self._notice_room()

    def _notice_room(self) -> None:
        if (connection := self.connection) is not None:  # a task may end after its channel
            connection.notice_room()

    def basic_consume(self, queue: str, *args: Any, **options: Any) -> Any:
        """Consumes from a queue."""
        self.connection.listen(queue, self.topics.get(queue))
        return super().basic_consume(queue, *args, **options)

    def basic_cancel(self, consumer_tag: str) -> None:
        """Ends what `basic_consume` began."""
        if (queue := self._tag_to_queue.get(consumer_tag)) is not None and self.connection is not None:
            self.connection.ignore(queue, self.topics.get(queue))
        super().basic_cancel(consumer_tag)

    def close(self) -> None:
        """Closes; deletes the queues of fanout exchanges that are for this channel alone."""
        if not self.closed:
            with suppress(redipy.errors.ConnectionError):
                for queue in self._auto_delete & set(self.topics):
                    self.queue_delete(queue)
        super().close()


class Transport(virtual.Transport):
    """A connection to a broker. It listens to arrivals, so a message is taken as soon as it is put."""

    Channel = Channel
    can_parse_url = True
    driver_type = "redipy"
    driver_name = "redipy"
    polling_interval = 1.0
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct", "topic", "fanout"]))
    connection_errors = (*virtual.Transport.connection_errors, redipy.errors.ConnectionError)
    channel_errors = (*virtual.Transport.channel_errors, redipy.errors.ResponseError)

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        url = client.hostname or "memory://"
        self.prefix: str = client.transport_options.get("prefix", "")
        self.redis = broker(url, self.prefix)
        database = urlsplit(url).path.strip("/")
        self.database = int(database) if database.isdecimal() else 0
        # Made when something is consumed first.
        self._news: Subscription | None = None
        # The queues of each channel of messages.
        self._queues_of: dict[str, list[str]] = {}
        self._is_turn_of_news = False
        # Whether to publish something on `_room` as soon as a message is acknowledged.
        self._needs_room = False
        self._room = self.channel_of(ARRIVALS + uuid())

    def driver_version(self) -> str:
        """The version of this package."""
        return redipy.__version__

    def channel_of(self, name: str) -> str:
        """The channel of messages for a name; the prefix of a client is before its keys only."""
        return self.prefix + name

    def establish_connection(self) -> Any:
        """Makes sure that the broker answers."""
        self.redis.ping()
        return super().establish_connection()

    def listen(self, queue: str, topic: str | None) -> None:
        """Listens to what concerns a queue: arrivals, or the messages of its exchange."""
        if self._news is None:
            self._news = self.redis.subscribe(self._room)
        if topic is None:
            self._news.subscribe(self.channel_of(ARRIVALS + queue))
        else:
            self._queues_of.setdefault(topic, []).append(queue)
            self._news.psubscribe(topic)

    def ignore(self, queue: str, topic: str | None) -> None:
        """Ends what `listen` began."""
        if self._news is None:
            return
        if topic is None:
            self._news.unsubscribe(self.channel_of(ARRIVALS + queue))
        elif queue in (queues := self._queues_of.get(topic, [])):
            queues.remove(queue)
            if not queues:
                self._news.punsubscribe(topic)

    def notice_room(self) -> None:
        """Wakes `drain_events` if it waits until fewer messages are unacknowledged."""
        if self._needs_room:
            self.redis.execute_command("PUBLISH", self._room, "")

    def close_connection(self, connection: Any) -> None:
        """Puts back what was not acknowledged, and closes."""
        super().close_connection(connection)
        if self._news is not None:
            self._news.close()
            self._news = None

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Delivers one message.

        Args:
            connection: this connection.
            timeout: how many seconds to wait for it.

        Raises:
            TimeoutError: none came.
        """
        end = None if timeout is None else time.monotonic() + timeout
        # They take turns, so that neither can keep the other waiting for ever.
        self._is_turn_of_news = not self._is_turn_of_news
        if self._is_turn_of_news and self._deliver_news(0):
            return
        while True:
            # It is set before the queues are looked at, so no acknowledgement can come in between.
            self._needs_room = True
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                self._needs_room = not all(channel.qos.can_consume() for channel in self.channels)
                left = self.polling_interval if end is None else min(self.polling_interval, end - time.monotonic())
            if self._deliver_news(max(left, 0.0)):
                return
            if end is not None and time.monotonic() >= end:
                raise TimeoutError("nothing came")

    def _deliver(self, message: Any, queue: str) -> None:
        self._needs_room = False
        super()._deliver(message, queue)

    def _deliver_news(self, timeout: float) -> bool:
        """Waits for messages, delivers the first that is for queues of a fanout exchange; whether it did."""
        if self._news is None:
            time.sleep(timeout)
            return False
        message = self._news.get_message(timeout)
        while message is not None:
            if queues := self._queues_of.get(message.pattern or ""):
                for queue in list(queues):
                    self._deliver(loads(message.data), queue)
                return True
            message = self._news.get_message(0)
        return False


TRANSPORT_ALIASES["redipy"] = "redipy.kombu:Transport"

__all__ = ["Channel", "Transport", "broker"]
