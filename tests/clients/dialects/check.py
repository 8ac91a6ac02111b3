"""Checks tools in a dialect with the package that its maker gives to developers.

Standard input: {"dialect": ..., "tools": [...]}, the tools as `deskhand tools --format json` prints them.
Standard output: a list of what is wrong, as JSON.
"""

import copy
import json
import sys

from anthropic.types import ToolParam
from google.genai import types as gemini
from jsonschema import Draft202012Validator
from openai.lib._pydantic import _ensure_strict_json_schema
from openai.types.chat import ChatCompletionFunctionToolParam
from pydantic import TypeAdapter

ANTHROPIC = TypeAdapter(ToolParam)
OPENAI = TypeAdapter(ChatCompletionFunctionToolParam)


def check_anthropic(tool):
    ANTHROPIC.validate_python(
        {"name": tool["name"], "description": tool["description"], "input_schema": tool["input_schema"]}
    )


def check_openai(tool, strict=False):
    function = {"name": tool["name"], "description": tool["description"], "parameters": tool["input_schema"]}
    if strict:
        function["strict"] = True
        # What the package would have to change for strict functions is not as they have to be.
        schema = copy.deepcopy(tool["input_schema"])
        strict_schema = _ensure_strict_json_schema(schema, path=(), root=schema)
        if strict_schema != tool["input_schema"]:
            raise ValueError("the package makes another schema of it for strict functions")
    OPENAI.validate_python({"type": "function", "function": function})


def check_gemini(tool):
    schema = gemini.Schema.model_validate(tool["input_schema"])
    declaration = gemini.FunctionDeclaration(name=tool["name"], description=tool["description"], parameters=schema)
    kinds = set(gemini.Type)

    def visit(schema, path):
        if schema.type not in kinds and not schema.any_of:
            raise ValueError(f"{path}: no type that Gemini knows")
        if schema.type == gemini.Type.OBJECT and not schema.properties and path:
            raise ValueError(f"{path}: an object without properties")
        for name, inner in (schema.properties or {}).items():
            visit(inner, f"{path}.{name}")
        if schema.items:
            visit(schema.items, f"{path}[]")

    visit(declaration.parameters, "")


CHECKS = {
    "mcp": lambda tool: None,
    "anthropic": check_anthropic,
    "openai": check_openai,
    "openai-strict": lambda tool: check_openai(tool, strict=True),
    "gemini": check_gemini,
    "cursor": check_openai,
}


def main():
    asked = json.load(sys.stdin)
    wrong = []
    for tool in asked["tools"]:
        try:
            Draft202012Validator.check_schema(tool["input_schema"])
            CHECKS[asked["dialect"]](tool)
        except Exception as error:  # What it is, is told.
            wrong.append(f"{tool['name']}: {type(error).__name__}: {str(error)[:300]}")
    json.dump(wrong, sys.stdout)


main()
