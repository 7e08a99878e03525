"""Who may ask the routes."""

from fastapi import HTTPException, Request


def require_login(request: Request) -> None:
    """Let through who is logged in to the WebUI, or everybody where it asks for no login.

    Raises:
        HTTPException: 401, nobody is logged in.
    """
    app = request.app
    if getattr(app, "auth", None) is None:
        return
    token = request.cookies.get("access-token") or request.cookies.get("access-token-unsecure")
    if app.tokens.get(token) is None:
        raise HTTPException(401, "log in first")
