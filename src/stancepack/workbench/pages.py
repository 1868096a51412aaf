"""The pages of the workbench: templates, scripts and styles, all of them in the package.

A script is written in several files, which a page gets as one: the browser loads nothing twice, and
a page that is taken along needs nothing else.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from starlette.responses import HTMLResponse, Response

from stancepack.workbench.desk import Desk

# what each page's script is made of, in order; all of it is one module
_SHARED = (
    *("elements.js", "saving.js", "notices.js", "acts.js", "keys.js", "boxes.js"),
    *("codebook.js", "words.js", "desk.js"),
)
SCRIPTS = {
    "code.js": (*_SHARED, "code.js", "served.js"),
}
_STYLE = "workbench.css"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


def page(desk: Desk) -> Response:
    """Return the page of a desk; what it shows, it asks for."""
    return HTMLResponse(rendered(f"{desk.page}.html", script=f"{desk.page}.js"))


def refused(*, comes_from_elsewhere: bool = False) -> Response:
    """Return the answer to whoever has no seat, the same for every address.

    Browsers bring no cookie along when a link in a message was followed: the page then asks once
    more by itself.
    """
    return HTMLResponse(rendered("refused.html", asks_again=comes_from_elsewhere), 403)


def notice(message: str, status: int) -> Response:
    """Return a page that says why there is nothing to do on it now."""
    return HTMLResponse(rendered("notice.html", message=message), status)


def static(file: str) -> Response | None:
    """Return a script or the style by name, if there is one."""
    if file in SCRIPTS:
        return Response(script(file), media_type=_TYPES["js"])
    if file == _STYLE:
        return Response(_text(f"static/{_STYLE}"), media_type=_TYPES["css"])
    return None


@cache
def script(name: str) -> str:
    """Return the script of a page, its files joined into one module."""
    return "\n".join(_text(f"static/{file}") for file in SCRIPTS[name])


def style() -> str:
    """Return the style of all pages."""
    return _text(f"static/{_STYLE}")


def rendered(template: str, **values: Any) -> str:
    """Return a page from its template; whatever a project brings is shown as text."""
    return str(_environment().get_template(template).render(values))


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("stancepack.workbench")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


@cache
def _text(path: str) -> str:
    return files("stancepack.workbench").joinpath(path).read_text(encoding="utf-8")
