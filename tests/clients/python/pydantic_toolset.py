"""Pydantic AI: a toolset of an agent."""

import json

from driver import Impossible, Tasks, drive
from fastmcp import Client
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.mcp import MCPToolset


class PydanticAi:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        # A toolset made of a URL looks which era the server knows, too.
        client = Client(url, mode="legacy") if era == "initialize" else url
        self.toolset = await self.tasks.enter(MCPToolset(client))

    async def list(self):
        return [{"name": tool.name, "schema": tool.input_schema} for tool in await self.toolset.list_tools()]

    async def call(self, tool, arguments):
        if tool not in [known.name for known in await self.toolset.list_tools()]:
            raise Impossible("a model can call listed tools only")
        try:
            answer = await self.toolset.direct_call_tool(tool, arguments)
        except ModelRetry as retry:
            return {"answer": None, "error": True, "shown": str(retry)}
        return {"answer": answer, "error": False, "shown": json.dumps(answer)}

    async def close(self):
        await self.tasks.leave()


drive(PydanticAi())
