"""What goes before and after every route: who may ask, and errors in words."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from lib_train.api.answers import error_answer, faults_answer, refusal
from lib_train.api.auth import Trusted, require_login, require_no_foreign_page
from lib_train.errors import TrainToolsError

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded(root: Path, trusted: Trusted) -> type[APIRoute]:
    """The kind of route that answers those who may ask, and every error that a person can meet in words.

    It looks at the request before its body is read: nobody else can make it do that.
    """

    class Guarded(APIRoute):
        def get_route_handler(self) -> _Handler:
            answer = super().get_route_handler()

            async def answered(request: Request) -> Response:
                try:
                    require_login(request)
                    require_no_foreign_page(request, trusted)
                    return await answer(request)
                except RequestValidationError as error:
                    return faults_answer(error.errors())
                except HTTPException as error:
                    return refusal(str(error.detail), error.status_code)
                except TrainToolsError as error:
                    return error_answer(error, root)

            return answered

    return Guarded
