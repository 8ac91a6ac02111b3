// Counts tokens of OpenAI's o200k vocabulary: reads the file named by the first argument, a JSON array of texts, and prints a
// JSON array of numbers.

import { readFileSync } from "node:fs";
import { Tiktoken } from "js-tiktoken/lite";
import o200k from "js-tiktoken/ranks/o200k_base";

const tokenizer = new Tiktoken(o200k);
const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(texts.map((text) => tokenizer.encode(text, [], []).length)));
