"""What every answer says to the browser: where content may come from, and who may keep a copy."""

from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# The picture that an authenticator app reads is drawn into the page, and kept nowhere.
WITH_A_PICTURE = frozenset({"security.two_factor_setup"})
PICTURE = CSP.replace("img-src 'self'", "img-src 'self' data:")
SECRET = (
    "/address/",
    "/join/",
    "/reset/",
    "/confirm/",
    "/do/",
    "/appeal/",
    "/tell/",
    "/come/",
    "/letters/stop/",
    "/me/second-factor",
    "/me/recovery-codes",
)


def init_app(app: Flask) -> None:
    """Set the headers after every view."""
    app.after_request(_headers)
    app.url_defaults(_version)


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = PICTURE if request.endpoint in WITH_A_PICTURE else CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer" if _holds_a_token() else "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    if current_app.extensions["settings"].secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif _holds_a_token():
        response.headers["Cache-Control"] = "no-store"
    elif not response.headers.get("Cache-Control", "").startswith(("private,", "no-store")):
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _version(endpoint: str, values: dict[str, Any]) -> None:
    """A file's address changes with the file, so that a browser may keep it for ever."""
    if endpoint == "static" and "v" not in values and current_app.static_folder:
        path = Path(current_app.static_folder) / values["filename"]
        if path.is_file():
            values["v"] = f"{path.stat().st_mtime_ns:x}"


def _holds_a_token() -> bool:
    return request.path.startswith(SECRET)
