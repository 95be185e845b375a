"""A line between browser and server that can stall, drop and delay, as real ones do."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self, final


@final
class Proxy:
    """Hands TCP connections on to a port of this machine, for as long as it is let.

    `stall` keeps all that is sent from then on, while connections look alive; `cut` drops these
    connections with what was kept, and refuses others; `mend` lets all pass again.
    """

    def __init__(self, port: int, delay: float = 0.0) -> None:
        self._target, self._delay = port, delay
        self._flow, self._lock = threading.Event(), threading.Lock()
        self._open: list[socket.socket] = []
        self._refusing = self._closed = False
        self._flow.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._closed = True
        self._listener.close()
        self.cut()
        self._flow.set()

    def stall(self) -> None:
        """Pass nothing on; nobody is told."""
        self._flow.clear()

    def cut(self) -> None:
        """Drop every connection, and refuse new ones."""
        with self._lock:
            self._refusing = True
            dropped, self._open = self._open, []
        for each in dropped:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def mend(self) -> None:
        """Let all pass again."""
        self._refusing = False
        self._flow.set()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
                if self._refusing:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                continue  # the server is gone, or this proxy is
            with self._lock:
                self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if self._delay:
                    time.sleep(self._delay)
                self._flow.wait()
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.close()
