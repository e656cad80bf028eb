"""Microsoft's sign-in as far as renewing goes, beside the fake Graph: a refresh token is good once.

The sign-in itself is tried against `emulate`, which plays it with the pages and the codes.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

from fakes.graph.wire import Answer
from fakes.graph.world import World

Json = Any
CLIENT_ID = "00001111-aaaa-2222-bbbb-3333cccc4444"


def signed_in(world: World, who: str, scopes: tuple[str, ...]) -> Json:
    """What msal's cache holds after somebody signed in and allowed this."""
    refresh = _refresh(world, who, scopes)
    home = f"uid-{who}.utid"
    target = " ".join(scopes).lower()
    common = {"home_account_id": home, "environment": "login.microsoftonline.com"}
    return {
        "Account": {f"{home}-login.microsoftonline.com-common": {
            **common, "realm": "common", "local_account_id": f"uid-{who}",
            "username": f"{who}@example.org", "authority_type": "MSSTS",
        }},
        "RefreshToken": {f"{home}-login.microsoftonline.com-refreshtoken-{CLIENT_ID}--{target}": {
            **common, "credential_type": "RefreshToken", "client_id": CLIENT_ID, "secret": refresh,
            "target": target, "last_modification_time": "1700000000",
        }},
        "AppMetadata": {f"appmetadata-login.microsoftonline.com-{CLIENT_ID}": {
            "client_id": CLIENT_ID, "environment": "login.microsoftonline.com",
        }},
    }  # fmt: skip


def login(world: World, method: str, path: str, content: bytes) -> Answer:
    """What login.microsoftonline.com answers."""
    if path.endswith("/.well-known/openid-configuration"):
        root = "https://login.microsoftonline.com/common"
        return Answer(200, {
            "issuer": f"{root}/v2.0", "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        })  # fmt: skip
    if method == "POST" and path.endswith("/oauth2/v2.0/token"):
        given = {n: v[0] for n, v in parse_qs(content.decode()).items()}
        world.asked_tokens.append(given)
        if (error := world.no_token) is not None:
            return Answer(400, error)
        if (held := world.refresh_tokens.pop(given.get("refresh_token", ""), None)) is None:
            return Answer(400, {
                "error": "invalid_grant", "error_codes": [700082], "suberror": "bad_token",
                "error_description": "AADSTS700082: The refresh token has expired due to inactivity.",
            })  # fmt: skip
        who, scopes = held
        return Answer(200, {
            "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(scopes),
            "access_token": world.token(who, *scopes), "refresh_token": _refresh(world, who, scopes),
            "client_info": _info(who),
        })  # fmt: skip
    return Answer(404, {"error": "not_found"})


def _refresh(world: World, who: str, scopes: tuple[str, ...]) -> str:
    made = f"rt-{who}-{world.number()}"
    world.refresh_tokens[made] = (who, scopes)
    return made


def _info(who: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"uid": f"uid-{who}", "utid": "utid"}).encode()).decode()
