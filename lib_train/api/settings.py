"""Routes of settings: plan and preset."""

from typing import Any

from fastapi import APIRouter, Body

from lib_train.api.answers import answered
from lib_train.app.answers import answer_preset
from lib_train.app.session import Session, config_of


def add_settings_routes(routes: APIRouter, session: Session) -> None:
    """Routes that plan with settings and compare them."""

    @routes.post("/plan")
    @answered
    def plan(asked: dict[str, Any] = Body(...)) -> Any:
        return session.plan_as_json(asked["project"], asked["version"], asked["settings"])

    @routes.post("/preset")
    @answered
    def preset(asked: dict[str, Any] = Body(...)) -> Any:
        return answer_preset(config_of(asked["settings"]))
