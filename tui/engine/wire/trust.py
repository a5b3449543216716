"""Whose certificates a connection takes."""

from __future__ import annotations

import os
import ssl
from functools import cache

import httpx

from tui.errors import ConfigError
from tui.model import Connection


def trust_of(connection: Connection) -> ssl.SSLContext:
    """What the connection's settings say. Raises ConfigError when its `ca_file`, or SSL_CERT_FILE, cannot be used."""
    if not (connection.ca_file or connection.insecure):
        return _usual_trust(connection.trust)
    context = httpx.create_ssl_context(verify=False) if connection.insecure else _new_trust(connection.trust)
    if connection.ca_file:
        # From Python 3.13 on it is set, and refuses the self-signed certificates of older servers.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        try:
            context.load_verify_locations(connection.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{connection.name}: ca_file {connection.ca_file} cannot be used",
                hint="it must be a PEM file with the server's certificate or its authority's",
            ) from error
    return context


@cache
def _usual_trust(whose: str) -> ssl.SSLContext:
    return _new_trust(whose)  # 26 ms: made once


def _new_trust(whose: str) -> ssl.SSLContext:
    """Trust in the authorities that come with httpx, or in the system's; SSL_CERT_FILE stands in for both."""
    try:
        return ssl.create_default_context() if whose == "system" else httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one too
        named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        raise ConfigError(
            f"SSL_CERT_FILE names no certificates that can be read: {named}",
            hint="name a PEM file of authorities, or unset it",
        ) from error
