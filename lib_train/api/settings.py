"""Routes of settings: reading and keeping them one by one, plan and preset."""

from typing import Any

from fastapi import APIRouter, Body

from lib_train.api.answers import answered
from lib_train.app.answers import answer_preset
from lib_train.app.session import Session
from lib_train.config.codec import config_of


def add_settings_routes(routes: APIRouter, session: Session) -> None:
    """Routes that keep settings, plan with them and compare them."""

    @routes.post("/plan")
    @answered
    def plan(asked: dict[str, Any] = Body(...)) -> Any:
        return session.plan_as_json(asked["project"], asked["version"], asked.get("settings"))

    @routes.get("/settings")
    @answered
    def settings(project: str, version: str) -> Any:
        return session.kept.seen(project, version)

    @routes.post("/settings")
    @answered
    def keep(asked: dict[str, Any] = Body(...)) -> Any:
        return session.kept.keep(asked["project"], asked["version"], asked["changes"])

    @routes.post("/preset")
    @answered
    def preset(asked: dict[str, Any] = Body(...)) -> Any:
        return answer_preset(config_of(asked["settings"]))
