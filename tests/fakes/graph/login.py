"""Microsoft's sign-in as far as renewing goes, beside the fake Graph: a refresh token is good once.

The sign-in itself is tried against `emulate`, which plays it with the pages and the codes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

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
    given = {n: v[0] for n, v in parse_qs(content.decode("latin-1")).items()}
    if method == "POST" and path.endswith("/oauth2/v2.0/devicecode"):
        code = allowed(world, world.at_browser, given)
        return Answer(200, {
            "device_code": code, "user_code": "ABCD1234", "interval": 1, "expires_in": 900,
            "verification_uri": "https://microsoft.com/devicelogin", "message": "Type the code there.",
        })  # fmt: skip
    if method == "POST" and path.endswith("/oauth2/v2.0/token"):
        world.asked_tokens.append(given)
        if (error := world.no_token) is not None:
            return Answer(400, error)
        if (held := _by_code(world, given)) is None:
            held = world.refresh_tokens.pop(given.get("refresh_token", ""), None)
        if held is None:
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


def allowed(world: World, who: str, asked: Mapping[str, str]) -> str:
    """Somebody allows what a program asks for; the code that it is given."""
    made = f"code-{world.number()}"
    short = {s.rpartition("/")[2] for s in asked["scope"].split()} - {"openid", "profile", "offline_access"}
    world.codes[made] = {
        "who": who, "scopes": tuple(sorted(short - world.withheld)), "challenge": asked.get("code_challenge"),
    }  # fmt: skip
    return made


def back(world: World, who: str, url: str) -> tuple[str, str]:
    """What a browser brings back from a sign-in page: where to, and the form that is posted there."""
    asked = {n: v[0] for n, v in parse_qs(urlsplit(url).query).items()}
    form = {"code": allowed(world, who, asked), "state": asked["state"], "client_info": _info(who)}
    return asked["redirect_uri"], urlencode(form)


def _by_code(world: World, given: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """Who allowed what by a code, which is good once, and only with what it was asked for with (PKCE)."""
    held = world.codes.pop(given.get("device_code") or given.get("code", ""), None)
    if held is None:
        return None
    if held["challenge"] is not None:
        proof = sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(proof).decode().rstrip("=") != held["challenge"]:
            return None
    return held["who"], held["scopes"]


def _refresh(world: World, who: str, scopes: tuple[str, ...]) -> str:
    made = f"rt-{who}-{world.number()}"
    world.refresh_tokens[made] = (who, scopes)
    return made


def _info(who: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"uid": f"uid-{who}", "utid": "utid"}).encode()).decode()
