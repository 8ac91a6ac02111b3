"""LangChain's adapters for Python: tools of agents."""

from driver import Impossible, Tasks, as_text, drive
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools


class LangChain:
    def __init__(self):
        self.tasks = Tasks()

    async def open(self, url, era):
        client = MultiServerMCPClient({"deskhand": {"transport": "http", "url": url}})
        session = await self.tasks.enter(client.session("deskhand"))
        self.tools = await load_mcp_tools(session)

    async def list(self):
        return [{"name": tool.name, "schema": tool.args_schema} for tool in self.tools]

    async def call(self, tool, arguments):
        found = [known for known in self.tools if known.name == tool]
        if not found:
            raise Impossible("a model can call listed tools only")
        # As an agent calls it.
        call = {"type": "tool_call", "id": "call", "name": tool, "args": arguments}
        message = await found[0].ainvoke(call)
        content = message.content
        shown = content if isinstance(content, str) else "\n".join(block["text"] for block in content)
        return as_text(shown) | {"error": message.status == "error"}

    async def close(self):
        await self.tasks.leave()


drive(LangChain())
