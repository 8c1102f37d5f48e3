"""A distance between client and server: bytes arrive later, each way."""

import asyncio
import contextlib
import threading


class Distance:
    """Forwards a port of its own to the server's for as long as the `with` block; opening a connection is not delayed."""

    def __init__(self, to, one_way):
        self.to, self.one_way = to, one_way
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.forward, "127.0.0.1", 0), self.loop).result(10)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    async def end(self):
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def forward(self, reader, writer):
        with contextlib.suppress(asyncio.CancelledError, OSError):
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.to)
            await asyncio.gather(self.pump(reader, up_writer), self.pump(up_reader, writer))

    async def pump(self, reader, writer):
        while piece := await reader.read(65536):
            self.loop.call_later(self.one_way, writer.write, piece)
        self.loop.call_later(self.one_way, writer.close)
