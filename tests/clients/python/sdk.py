"""The Python SDK, version 2."""

from driver import Tasks, drive, texts
from mcp import Client


class Sdk:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        mode = "legacy" if era == "initialize" else "auto"
        self.client = await self.tasks.enter(Client(url, mode=mode))

    async def list(self):
        listed = await self.client.list_tools()
        return [{"name": tool.name, "schema": tool.input_schema} for tool in listed.tools]

    async def call(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return {"answer": result.structured_content, "error": result.is_error, "shown": texts(result.content)}

    async def close(self):
        await self.tasks.leave()


drive(Sdk())
