"""The floor: the same HTTP server handing out bytes from memory, and holding WebSockets that nothing is sent on."""

import asyncio
import sys
from typing import Any

import uvloop
from granian.server.embed import Server


async def _serve(port: int, length: int) -> None:
    body = b"x" * length

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
        elif scope["type"] == "http":
            headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    server = Server(app, address="127.0.0.1", port=port, interface="asgi", log_enabled=False)  # pyright: ignore[reportArgumentType]
    serving = asyncio.create_task(server.serve())
    await asyncio.to_thread(sys.stdin.read)
    server.stop()
    await serving


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
