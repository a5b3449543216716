"""Plain clients that speak to the emulators as the dossiers say, without a line of the product's own."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tui.emulators.server import EmulatedVendors

OCTOPLANT_FORM = {"grant_type": "password", "username": "versiondog", "client_id": "public-api"}
EES = "application/vnd.sciquest.com.ees+json"


@asynccontextmanager
async def plain(base_url: str = "", **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=60, **options) as client:
        yield client


@asynccontextmanager
async def octoplant(world: EmulatedVendors, *, login: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    site = world.describe()["octoplant"]
    context = ssl.create_default_context(cafile=str(site.connection["ca_file"]))
    async with plain(site.base_url, verify=context) as client:
        if login:
            reply = await client.post("/v1/oauth2/token", data={**OCTOPLANT_FORM, **site.secrets})
            client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        yield client


@asynccontextmanager
async def jaggaer(world: EmulatedVendors) -> AsyncIterator[httpx.AsyncClient]:
    site = world.describe()["jaggaer"]
    async with plain(site.base_url) as client:
        login = (str(site.connection["client_id"]), site.secrets["client_secret"])
        form = {"grant_type": "client_credentials"}
        reply = await client.post(str(site.connection["token_url"]), data=form, auth=login)
        client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        client.headers["X-API-Key"] = site.secrets["api_key"]
        yield client


@asynccontextmanager
async def aspera(world: EmulatedVendors) -> AsyncIterator[httpx.AsyncClient]:
    site = world.describe()["aspera"]
    auth = (str(site.connection["username"]), site.secrets["password"])
    async with plain(f"{site.base_url}/api", auth=auth) as client:
        yield client


@asynccontextmanager
async def autodesk(world: EmulatedVendors, scope: str = "code:all data:read") -> AsyncIterator[httpx.AsyncClient]:
    site = world.describe()["autodesk"]
    async with plain(site.base_url) as client:
        login = (str(site.connection["client_id"]), site.secrets["client_secret"])
        form = {"grant_type": "client_credentials", "scope": scope}
        reply = await client.post("/authentication/v2/token", data=form, auth=login)
        client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        yield client


class EnosLogin(httpx.Auth):
    """Signs with one token, as section 1.2 of the dossier says."""

    requires_request_body = True

    def __init__(self, token: str, secret: str, timestamp: str) -> None:
        self.token = token
        self.secret = secret
        self.timestamp = timestamp

    def auth_flow(self, request: httpx.Request) -> Any:
        query = "".join(sorted(name + value for name, value in request.url.params.items()))
        text = f"{self.token}{query}".encode() + request.content + f"{self.timestamp}{self.secret}".encode()
        request.headers["apim-accesstoken"] = self.token
        request.headers["apim-timestamp"] = self.timestamp
        request.headers["apim-signature"] = hashlib.sha256(text).hexdigest()
        yield request


def enos_token_body(world: EmulatedVendors, *, later: int = 0, **changes: object) -> dict[str, object]:
    """The body of a token call; `later` milliseconds make it another one."""
    site = world.describe()["enos"]
    key = str(site.connection["access_key"])
    stamp = int(world.clock.now().timestamp() * 1000) + later
    proof = hashlib.sha256(f"{key}{stamp}{site.secrets['secret_key']}".encode()).hexdigest()
    return {"appKey": key, "timestamp": stamp, "encryption": proof, **changes}


@asynccontextmanager
async def enos(world: EmulatedVendors) -> AsyncIterator[httpx.AsyncClient]:
    site = world.describe()["enos"]
    async with plain(site.base_url, params={"orgId": site.connection["org_id"]}) as client:
        url = "/apim-token-service/v2.0/token/get"
        token = (await client.post(url, json=enos_token_body(world))).json()["data"]["accessToken"]
        stamp = str(int(world.clock.now().timestamp() * 1000))
        client.auth = EnosLogin(token, site.secrets["secret_key"], stamp)
        yield client
