"""The web process: reads Settings, builds, hands over."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from exam_api.accounts import api as accounts_api
from exam_api.accounts import pages as accounts_pages
from exam_api.attempts import api as attempts_api
from exam_api.attempts import pages as attempts_pages
from exam_api.attempts.service.channel import open_listening
from exam_api.attempts.service.save import open_saves
from exam_api.attempts.service.together import open_starts
from exam_api.badges import api as badges_api
from exam_api.badges import pages as badges_pages
from exam_api.certificates import api as certificates_api
from exam_api.certificates import pages as certificates_pages
from exam_api.db.news import Postgres, carried, open_redis
from exam_api.db.session import open_engine
from exam_api.exams import api as exams_api
from exam_api.exams import pages as exams_pages
from exam_api.findings import api as findings_api
from exam_api.findings import pages as findings_pages
from exam_api.grades import api as grades_api
from exam_api.grades import pages as grades_pages
from exam_api.installation import open_installation
from exam_api.learning import api as learning_api
from exam_api.learning import pages as learning_pages
from exam_api.monitoring import api as monitoring_api
from exam_api.monitoring import pages as monitoring_pages
from exam_api.pathways import api as pathways_api
from exam_api.pathways import pages as pathways_pages
from exam_api.reviews import api as reviews_api
from exam_api.reviews import pages as reviews_pages
from exam_api.settings import Settings
from exam_api.upkeep import api as upkeep_api
from exam_api.upkeep import pages as upkeep_pages
from exam_api.web import gallery, health, problems
from exam_api.web.headers import SecurityHeaders
from exam_api.web.i18n import WEB
from exam_api.web.limits import BodyLimits
from exam_api.web.render import Renderer

# Routes are tried in this order: what an exam asks for each second comes first.
ROUTERS: list[Any] = [
    attempts_api.router,
    health.router,
    accounts_api.router,
    accounts_pages.router,
    learning_api.router,
    learning_pages.router,
    exams_api.router,
    exams_pages.router,
    attempts_pages.router,
    monitoring_api.router,
    monitoring_pages.router,
    grades_api.router,
    grades_pages.router,
    findings_api.router,
    findings_pages.router,
    reviews_api.router,
    reviews_pages.router,
    certificates_api.router,
    certificates_pages.router,
    upkeep_api.router,
    upkeep_pages.router,
    pathways_api.router,
    pathways_pages.router,
    badges_api.router,
    badges_pages.router,
]


def create() -> FastAPI:
    """For `uvicorn --factory exam_api.app:create`."""
    app = build(Settings())
    # What was imported lives as long as the process: the collector need not look through it again and again, which is
    # what the slowest answers used to wait for.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return app


@cache
def _renderer() -> Renderer:
    """One per process: templates and catalogues do not change while it runs."""
    return Renderer()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """What each request finds in its state: the installation that these settings describe, connected."""
    engine = open_engine(settings.database_url or "")
    here = open_installation(settings, engine)
    redis = open_redis(settings.redis_url)
    # PostgreSQL is heard in any case: it carries what Redis does not take.
    listening = open_listening([Postgres(settings.direct_url), *([redis] if redis else [])], here.sessions)
    async with carried(redis, here.sessions):
        hearing = asyncio.create_task(listening.run())
        yield {
            "installation": here,
            "renderer": _renderer(),
            "saves": open_saves(here.sessions),
            "starts": open_starts(here.sessions),
            "listening": listening,
        }
        listening.close()
        hearing.cancel()
        await asyncio.wait([hearing])
    await engine.dispose()


def build(settings: Settings) -> FastAPI:
    """The application for these settings; it connects when it starts."""
    app = FastAPI(
        title="Invigil",
        summary="Exams, proctoring, grading and certificates that anyone can verify.",
        version="0.1.0",
        lifespan=lambda _: connected(settings),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    problems.install(app)
    app.add_middleware(BodyLimits)
    app.add_middleware(SecurityHeaders, origin="/".join(settings.public_url.split("/", 3)[:3]))
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    if settings.gallery:
        app.include_router(gallery.router)
    return app
