"""Routes of jobs: status, starting and stopping, wishes, the queue."""

from typing import Any

from fastapi import APIRouter, Body

from lib_train.api.answers import answered
from lib_train.app.session import Session


def add_job_routes(routes: APIRouter, session: Session) -> None:
    """Routes that start, watch and stop jobs."""

    @routes.get("/status")
    @answered
    def status(project: str = "", version: str = "", since: int = 0) -> Any:
        return session.seen(project, version, since)

    @routes.post("/train")
    @answered
    def train(asked: dict[str, Any] = Body(...)) -> Any:
        session.train(asked["project"], asked["version"], asked.get("settings"), asked.get("revision"))

    @routes.post("/resume")
    @answered
    def resume(asked: dict[str, Any] = Body(...)) -> Any:
        session.resume(asked["project"], asked["version"], asked.get("run", ""), asked.get("with_changes", False))

    @routes.post("/stop")
    @answered
    def stop(asked: dict[str, Any] = Body(...)) -> Any:
        session.stop()

    @routes.post("/preview")
    @answered
    def preview(asked: dict[str, Any] = Body(...)) -> Any:
        session.preview(asked["project"], asked["version"], asked.get("files", []), asked.get("settings"))

    @routes.get("/curve")
    @answered
    def curve(project: str, version: str, run: str) -> Any:
        return session.curve(project, version, run)


def add_wish_routes(routes: APIRouter, session: Session) -> None:
    """Routes that ask something of the job that goes on, or of the queue."""

    @routes.post("/sample")
    @answered
    def sample(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_for_sample()

    @routes.post("/pause")
    @answered
    def pause(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_for_pause()

    @routes.post("/continue")
    @answered
    def go_on_training(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_to_continue()

    @routes.post("/queue")
    @answered
    def add(asked: dict[str, Any] = Body(...)) -> Any:
        session.add(asked["project"], asked["version"], asked.get("settings"), asked.get("revision"))

    @routes.post("/queue/remove")
    @answered
    def remove(asked: dict[str, Any] = Body(...)) -> Any:
        session.queue.remove(asked["number"])

    @routes.post("/queue/go-on")
    @answered
    def go_on(asked: dict[str, Any] = Body(...)) -> Any:
        session.queue.go_on()
