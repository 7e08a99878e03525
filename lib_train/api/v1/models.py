"""What requests and answers of several subjects are made of. For pydantic 1.10, the WebUI's."""

from typing import Any

from pydantic import BaseModel, Field, StrictStr, validator
from pydantic.fields import MAPPING_LIKE_SHAPES, ModelField

from lib_train.texts import say


class RequestBody(BaseModel):
    """A request's body. What it does not know is refused, so that no mistyped name goes unseen."""

    class Config:
        extra = "forbid"

    @validator("*", pre=True)
    def _require_object(cls, value: Any, field: ModelField) -> Any:
        """pydantic would also make an object of a list, even of an empty one."""
        if field.shape in MAPPING_LIKE_SHAPES and not isinstance(value, dict | None):
            raise TypeError(say("must be an object"))
        return value


class Done(BaseModel):
    """Nothing more to say."""

    done: bool = True


class Text(BaseModel):
    """A sentence for other languages: its English template, and what stands in the template's {places}.

    Beside a sentence ``x`` it is called ``x_text``; it is null, or left out, where the sentence has no template.
    """

    template: str
    values: dict[str, Any] = Field(description="by name of the place: text, or such a sentence again")


class Problem(BaseModel):
    """One thing that cannot be used."""

    setting: str = Field(description="name of the setting, field or file")
    value: str
    remedy: str = Field(description="what is wrong, and the way out")
    remedy_text: Text | None = None


class Error(BaseModel):
    """Why a request was not fulfilled."""

    code: str = Field(description="kind of the error; stays the same in every language and version")
    message: str
    message_text: Text | None = None
    problems: list[Problem] = []

    class Config:
        extra = "allow"


class Failed(BaseModel):
    """The answer to every request that was not fulfilled."""

    error: Error


class Named(RequestBody):
    """A name to give."""

    name: StrictStr


_FAILED = {"application/json": {"schema": {"$ref": "#/components/schemas/Failed"}}}
FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"content": _FAILED, "description": "nobody is logged in"},
    403: {"content": _FAILED, "description": "a page of another site asks, or the header X-Train-Tools: 1 is missing"},
    404: {"content": _FAILED, "description": "there is no such project, version, run, picture or file"},
    409: {"content": _FAILED, "description": "not now: a job goes on, or somebody changed it meanwhile"},
    422: {"content": _FAILED, "description": "something of the request cannot be used; each problem says what"},
}
"""For the OpenAPI page. Only one route names the model itself: each that does costs the WebUI's start a millisecond."""

VERSION = "/projects/{project}/versions/{version}"
"""Where most things are."""
