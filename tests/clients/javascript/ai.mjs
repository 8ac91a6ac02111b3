// The Vercel AI SDK: tools of @ai-sdk/mcp, as `ai` hands them to a model.

import { createMCPClient } from "@ai-sdk/mcp";
import { asSchema } from "ai";
import { asResult, drive, Impossible } from "./driver.mjs";

let client;
let tools;

await drive({
  async open(url, era) {
    client = await createMCPClient({
      transport: { type: "http", url },
      protocolVersionDiscovery: era === "stateless",
    });
    tools = undefined;
  },
  async list() {
    tools = await client.tools();
    const all = Object.entries(tools).map(async ([name, tool]) => {
      return { name, schema: await asSchema(tool.inputSchema).jsonSchema };
    });
    return Promise.all(all);
  },
  async call(name, args, signal) {
    tools ??= await client.tools();
    if (tools[name] === undefined) {
      throw new Impossible("a model can call listed tools only");
    }
    const result = await tools[name].execute(args, { toolCallId: "call", messages: [], abortSignal: signal });
    return asResult(result);
  },
  async close() {
    await client.close();
  },
});
