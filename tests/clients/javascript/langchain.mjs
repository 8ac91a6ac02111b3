// LangChain's adapters for JavaScript: tools of agents.

import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { asText, drive, Impossible, texts } from "./driver.mjs";

let client;
let tools;

await drive({
  async open(url) {
    client = new MultiServerMCPClient({
      mcpServers: { deskhand: { transport: "http", url, automaticSSEFallback: false } },
    });
    tools = await client.getTools();
  },
  async list() {
    return tools.map((tool) => ({ name: tool.name, schema: tool.schema }));
  },
  async call(name, args, signal) {
    const tool = tools.find((known) => known.name === name);
    if (tool === undefined) {
      throw new Impossible("a model can call listed tools only");
    }
    const shown = await tool.invoke(args, { signal });
    return asText(typeof shown === "string" ? shown : texts([shown].flat()));
  },
  async close() {
    await client.close();
  },
});
