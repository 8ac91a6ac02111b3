// The TypeScript SDK's client, version 2.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { asResult, drive } from "./driver.mjs";

let client;

await drive({
  follows: true,
  async open(url, era, options = {}) {
    const mode = era === "stateless" ? "auto" : "legacy";
    client = new Client({ name: "deskhand-test", version: "1" }, { versionNegotiation: { mode }, ...options });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  },
  async list() {
    const { tools } = await client.listTools();
    return tools.map((tool) => ({ name: tool.name, schema: tool.inputSchema }));
  },
  async call(name, args, signal) {
    return asResult(await client.callTool({ name, arguments: args }, { signal }));
  },
  async close() {
    await client.close();
  },
});
