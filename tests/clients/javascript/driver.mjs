// What the drivers of JavaScript clients have in common. A driver reads commands, one JSON object a line, from its standard
// input, and answers each with one line:
//
//   {"do": "open", "url": …, "era": "initialize" | "stateless"}    {"ok": true}
//   {"do": "list"}                                                 {"tools": [{"name": …, "schema": … | null}]}
//   {"do": "call", "tool": …, "arguments": {…}}                    {"answer": {…} | null, "error": bool, "shown": "…"}
//   {"do": "start", "tool": …, "arguments": {…}}                   {"ok": true}, while the call goes on
//   {"do": "abort"}                                                what became of the call that was started
//   {"do": "follow", "url": …, "era": …}                           {"ok": true}; the same, to be told of changed tools
//   {"do": "changed"}                                              {"tools": ["name", …]} once the client was told so
//   {"do": "close"}                                                {"ok": true}
//
// `answer` is the result as a program gets it, `shown` what a person or a model is shown. A client that throws is
// answered for with {"failed": "…"}; what it has no way to do, with {"impossible": "why"}.

import { createInterface } from "node:readline";

/** What a client has no way to do. */
export class Impossible extends Error {}

/** An error in its own words, and those of what caused it. */
export function told(error) {
  const words = [];
  for (let one = error; one !== undefined && one !== null; one = one.cause) {
    const text = String(one.message ?? one);
    if (!words.some((known) => known.includes(text))) words.push(text);
  }
  return words.join(": ");
}

/** The texts of a result's content. */
export function texts(content) {
  const blocks = Array.isArray(content) ? content : [];
  return blocks.filter((block) => block.type === "text").map((block) => block.text).join("\n");
}

/** The result of a client that hands results on as the protocol has them. */
export function asResult(result) {
  return { answer: result.structuredContent ?? null, error: result.isError === true, shown: texts(result.content) };
}

/** The answer of a client that hands on the text of results only. */
export function asText(text) {
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // Not a result of a tool, then.
  }
  return { answer, error: false, shown: text };
}

/** Resolves when a GET is answered by a stream. */
function streaming() {
  const { fetch } = globalThis;
  return new Promise((resolve) => {
    globalThis.fetch = async (address, options) => {
      const response = await fetch(address, options);
      const streams = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (options?.method === "GET" && streams) resolve();
      return response;
    };
  });
}

/** Follows commands until there are no more. `client` has open, list, call and close. */
export async function drive(client) {
  let started;
  let changed;
  const call = async (command, signal) => client.call(command.tool, command.arguments, signal);
  const follow = {
    open: async (command) => (await client.open(command.url, command.era), { ok: true }),
    // SDKs have an option for this, which they read the list anew by.
    follow: async (command) => {
      if (!client.follows) throw new Impossible("it cannot be told of changed tools");
      let onChanged;
      changed = new Promise((resolve, reject) => {
        onChanged = (error, tools) => (error ? reject(error) : resolve(tools.map((tool) => tool.name)));
      });
      // In the initialize era SDKs open the stream after they say that they are connected.
      const listens = command.era === "stateless" ? undefined : streaming();
      await client.open(command.url, command.era, { listChanged: { tools: { onChanged } } });
      await listens;
      return { ok: true };
    },
    changed: async () => ({ tools: await changed }),
    list: async () => ({ tools: await client.list() }),
    call: async (command) => call(command, undefined),
    start: async (command) => {
      const abort = new AbortController();
      const outcome = call(command, abort.signal).catch((error) => ({ failed: told(error) }));
      started = { abort, outcome };
      return { ok: true };
    },
    abort: async () => {
      if (client.abort === false) throw new Impossible("it has no way to give up a call");
      started.abort.abort();
      return await started.outcome;
    },
    close: async () => (await client.close(), { ok: true }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    let answer;
    try {
      answer = await follow[command.do](command);
    } catch (error) {
      answer = error instanceof Impossible ? { impossible: error.message } : { failed: told(error) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
  process.exit(0);
}
