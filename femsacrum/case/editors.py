"""JSON schema of the case file, for editors that complete and check TOML while it is written."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from femsacrum.case.schema import Case


class _EditorSchema(GenerateJsonSchema):
    """Pydantic's, with defaults as a user writes them ("6 mm") and without null, which TOML has not."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        write = schema["schema"].get("serialization", {}).get("function")
        if write is not None:
            return {**inner, "default": write(default)}
        return {**inner, "default": default} if isinstance(default, str | int | float) else inner

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a case file: units as patterns, a description for every key."""
    schema = Case.model_json_schema(schema_generator=_EditorSchema)
    return {"$schema": _EditorSchema.schema_dialect, **schema, "title": "femsacrum case"}
