// The Inspector on the command line: one process for each thing that is asked.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { asResult, drive } from "./driver.mjs";

const launcher = fileURLToPath(import.meta.resolve("@modelcontextprotocol/inspector/clients/launcher/build/index.js"));
let server;
let listed;

function inspect(args, signal) {
  const all = [launcher, "--cli", "--server-url", server.url, "--transport", "http", "--protocol-era", server.era];
  all.push("--stored-auth-only", "--quiet", "--format", "json", ...args);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, { maxBuffer: 64 * 1024 * 1024, signal }, (error, stdout, stderr) => {
      // A result that is an error ends the process with another status than 0, too.
      try {
        resolve(JSON.parse(stdout).result);
      } catch {
        reject(new Error((stderr || stdout || String(error)).trim()));
      }
    });
  });
}

await drive({
  async open(url, era) {
    server = { url, era: era === "stateless" ? "modern" : "legacy" };
    listed = await inspect(["--method", "tools/list"]);
  },
  async list() {
    return listed.tools.map((tool) => ({ name: tool.name, schema: tool.inputSchema }));
  },
  async call(name, args, signal) {
    const named = ["--method", "tools/call", "--tool-name", name];
    return asResult(await inspect([...named, "--tool-args-json", JSON.stringify(args)], signal));
  },
  async close() {},
});
