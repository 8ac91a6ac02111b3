// mcp-remote: a bridge for clients that start servers as processes. Its other side is the TypeScript SDK.

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { asResult, drive, told } from "./driver.mjs";

const bridge = fileURLToPath(import.meta.resolve("mcp-remote/dist/proxy.js"));
let client;

await drive({
  async open(url, era) {
    const mode = era === "stateless" ? "auto" : "legacy";
    client = new Client({ name: "deskhand-test", version: "1" }, { versionNegotiation: { mode } });
    const kept = mkdtempSync(join(tmpdir(), "mcp-remote-"));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [bridge, url, "--transport", "http-only", "--allow-http"],
      env: { ...process.env, MCP_REMOTE_CONFIG_DIR: kept },
      stderr: "pipe",
    });
    // What a bridge cannot answer with, it says here, and desktop clients keep it in their logs.
    let said = "";
    transport.stderr.on("data", (chunk) => (said += chunk));
    try {
      await client.connect(transport);
    } catch (error) {
      const fatal = said.split("\n").find((line) => line.includes("Fatal error: ")) ?? "";
      throw new Error(`${told(error)}; its log says: ${fatal.replace(/^\[\d+\] /, "")}`);
    }
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
