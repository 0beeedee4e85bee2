"""Requests of Kafka's protocol that the client library has not, or not so.

Its `alter_configs` replaces everything a topic was given, also what others set on purpose (KIP-339); its request for
access lists takes one line at a time, and each takes the cluster a quarter of a second.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

TOPIC: Final = 2
SET: Final = 0
_KEY: Final = 44


class _Answer(Response):  # type: ignore[misc]  # aiokafka has no type information
    API_KEY = _KEY
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _Struct(RequestStruct):  # type: ignore[misc]  # aiokafka has no type information
    API_KEY = _KEY
    API_VERSION = 0
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(("name", String("utf-8")), ("config_operation", Int8), ("value", String("utf-8"))),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class SetTopicConfigs(Request[_Struct]):  # type: ignore[misc]  # aiokafka has no type information
    """IncrementalAlterConfigs, version 0: set these settings of one topic; all others stay as they are."""

    API_KEY = _KEY

    def __init__(self, topic: str, settings: Mapping[str, str]) -> None:
        self._resources = [(TOPIC, topic, [(name, SET, value) for name, value in settings.items()])]

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 - aiokafka has no types
        """Return the bytes' structure."""
        return request_struct_class(self._resources, False)  # noqa: FBT003 - `validate_only`


class AddAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no type information
    """CreateAcls, version 1, with all lines in one request.

    A line is: kind of resource, name, kind of pattern, principal, host, operation, permission.
    """

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, lines: Sequence[tuple[int, str, int, str, str, int, int]]) -> None:
        self._lines = list(lines)

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 - aiokafka has no types
        """Return the bytes' structure."""
        return request_struct_class(self._lines)
