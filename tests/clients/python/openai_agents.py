"""The OpenAI Agents SDK: an agent's MCP server."""

from agents.mcp import MCPServerStreamableHttp
from driver import Tasks, drive, texts


class OpenAiAgents:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        server = MCPServerStreamableHttp({"url": url}, client_session_timeout_seconds=60)
        self.server = await self.tasks.enter(server)

    async def list(self):
        return [{"name": tool.name, "schema": tool.input_schema} for tool in await self.server.list_tools()]

    async def call(self, tool, arguments):
        result = await self.server.call_tool(tool, arguments)
        return {"answer": result.structured_content, "error": result.is_error, "shown": texts(result.content)}

    async def close(self):
        await self.tasks.leave()


drive(OpenAiAgents())
