"""The same broker and namespaces as the integration tests have."""

from tests.integration.conftest import bootstrap_servers, namespace, pytest_terminal_summary

__all__ = ["bootstrap_servers", "namespace", "pytest_terminal_summary"]
