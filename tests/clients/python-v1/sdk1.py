"""The Python SDK, version 1."""

import contextlib

from driver import Tasks, drive, texts
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


@contextlib.asynccontextmanager
async def session(url):
    async with streamablehttp_client(url) as (read, write, _):
        async with ClientSession(read, write) as opened:
            await opened.initialize()
            yield opened


class Sdk:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        self.session = await self.tasks.enter(session(url))

    async def list(self):
        listed = await self.session.list_tools()
        return [{"name": tool.name, "schema": tool.inputSchema} for tool in listed.tools]

    async def call(self, tool, arguments):
        result = await self.session.call_tool(tool, arguments)
        return {"answer": result.structuredContent, "error": result.isError, "shown": texts(result.content)}

    async def close(self):
        await self.tasks.leave()


drive(Sdk())
