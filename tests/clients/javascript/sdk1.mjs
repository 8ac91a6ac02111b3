// The TypeScript SDK, version 1.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { asResult, drive } from "./driver.mjs";

let client;

await drive({
  follows: true,
  async open(url, _era, options = {}) {
    client = new Client({ name: "deskhand-test", version: "1" }, options);
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  },
  async list() {
    const { tools } = await client.listTools();
    return tools.map((tool) => ({ name: tool.name, schema: tool.inputSchema }));
  },
  async call(name, args, signal) {
    return asResult(await client.callTool({ name, arguments: args }, undefined, { signal }));
  },
  async close() {
    await client.close();
  },
});
