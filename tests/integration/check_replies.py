#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks answers of the REST API against the schemas of its contract.

usage: check_replies.py WEBD_TEST OPENAPI_YAML

Runs the test program, which leaves its answers in a folder as {"method", "path", "status", "body"}, and compares each
with docs/api/openapi.yaml: types, required members, enumerations, and no member that the contract does not know.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Contract:
    """The subset of OpenAPI 3.0 that the document uses."""

    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def flat(self, schema):
        """The schema with the members of its allOf put together."""
        schema = self.resolve(schema)
        if "allOf" not in schema:
            return schema
        merged = {"type": "object", "properties": {}, "required": []}
        for part in map(self.flat, schema["allOf"]):
            merged["properties"].update(part.get("properties", {}))
            merged["required"] += part.get("required", [])
        return merged

    def problems(self, schema, value, where="body"):
        schema = self.flat(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where}: null is not allowed"]
        kind = schema.get("type")
        if kind and not TYPES[kind](value):
            return [f"{where}: expected {kind}, not {value!r:.80}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is none of {schema['enum']}")
        if schema.get("format") == "date-time" and not TIME.fullmatch(value):
            found.append(f"{where}: {value!r} is no time")
        if kind == "array":
            for index, item in enumerate(value):
                found += self.problems(schema.get("items", {}), item, f"{where}[{index}]")
        if kind == "object":
            found += self.object_problems(schema, value, where)
        return found

    def object_problems(self, schema, value, where):
        known = schema.get("properties", {})
        more = schema.get("additionalProperties", not known)
        found = [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in known:
                found += self.problems(known[name], member, f"{where}.{name}")
            elif isinstance(more, dict):
                found += self.problems(more, member, f"{where}.{name}")
            elif not more:
                found.append(f"{where}.{name}: the contract does not know it")
        return found

    def reply_problems(self, reply):
        operation = self.document["paths"][reply["path"]][reply["method"]]
        responses = operation["responses"]
        # What any operation may answer stands once, not at each.
        response = responses.get(str(reply["status"])) or self.document["components"]["responses"]["Error"]
        if reply["status"] < 400 and str(reply["status"]) not in responses:
            return [f"status {reply['status']} is not in the contract"]
        content = self.resolve(response).get("content")
        if not content:
            return [] if reply["body"] is None else ["a body where the contract has none"]
        return self.problems(content["application/json"]["schema"], reply["body"])


def collect(program):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--gtest_brief=1", "--gtest_filter=*SiteTest.*"]
        subprocess.run(command, check=True, timeout=100, env={**os.environ, "OUTSTATION_REPLIES": folder})
        return {file.name: json.loads(file.read_text()) for file in sorted(Path(folder).glob("*.json"))}


def main():
    contract = Contract(yaml.safe_load(Path(sys.argv[2]).read_text()))
    replies = collect(sys.argv[1])
    problems = [f"{name}: {reply['method']} {reply['path']} {reply['status']}: {problem}"
                for name, reply in replies.items() for problem in contract.reply_problems(reply)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(replies)} answers compared with the contract, {len(problems)} problems")
    return 1 if problems or len(replies) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
