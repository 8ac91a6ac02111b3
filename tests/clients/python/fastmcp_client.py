"""The client of FastMCP."""

from driver import Tasks, drive, texts
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport


class FastMcp:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        mode = "legacy" if era == "initialize" else "auto"
        self.client = await self.tasks.enter(Client(StreamableHttpTransport(url), mode=mode))

    async def list(self):
        tools = await self.client.list_tools()
        return [{"name": tool.name, "schema": tool.input_schema} for tool in tools]

    async def call(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return {"answer": result.structured_content, "error": result.is_error, "shown": texts(result.content)}

    async def close(self):
        await self.tasks.leave()


drive(FastMcp())
