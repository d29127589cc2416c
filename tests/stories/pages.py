"""Every page of the platform, once: who sees it and what stands in its address. Read by the accessibility test and the shots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.stories import connected


@dataclass(frozen=True)
class Shown:
    """One page in one state: `route` as the app has it; `ids` names what of the world stands in its holes."""

    name: str
    route: str
    role: str
    ids: dict[str, str] = field(default_factory=dict)
    query: str = ""
    wait_for: str = "main"

    def address(self, world: dict[str, str]) -> str:
        """The path to open."""
        fill: Callable[[re.Match[str]], str] = lambda hole: world[self.ids[hole.group(1)]]  # noqa: E731
        return re.sub(r"{(\w+)}", fill, self.route + self.query)


EXAM, SITTING, TRIES = {"exam_id": "exam"}, {"sitting_id": "waits"}, {"sitting_id": "tries"}
PAGES = [
    Shown("sign-in", "/sign-in", "nobody"),
    Shown("sign-in-error", "/sign-in", "nobody", query="?again=true"),
    Shown("activate", "/activate", "nobody"),
    Shown("recover", "/recover", "nobody"),
    Shown("help", "/help", "nobody"),
    Shown("sign-out", "/sign-out", "fresh"),
    Shown("gallery", "/_gallery", "nobody"),
    Shown("welcome", "/welcome", "newcomer"),
    Shown("password", "/me/password", "newcomer"),
    # a candidate, before, during and after
    Shown("home-candidate", "/home", "fresh"),
    Shown("my-exams", "/my/exams", "candidate"),
    Shown("me", "/me", "candidate"),
    Shown("security", "/me/security", "candidate"),
    Shown("data", "/me/data", "candidate"),
    Shown("apps", "/me/apps", "candidate"),
    Shown("consent", "/oauth/authorize", "candidate", {"app": "app"}, query=connected.QUERY),
    Shown("courses", "/courses", "candidate"),
    Shown("course", "/courses/{slug}", "candidate", {"slug": "course"}),
    Shown("lesson", "/courses/{slug}/{lesson}", "candidate", {"slug": "course", "lesson": "lesson"}),
    Shown("door", "/sittings/{sitting_id}/start", "fresh", {"sitting_id": "runs"}),
    Shown("door-planned", "/sittings/{sitting_id}/start", "fresh", {"sitting_id": "planned"}),
    Shown("check-in", "/attempts/{attempt_id}/check-in", "checker", {"attempt_id": "ready"}),
    Shown("room", "/attempts/{attempt_id}/room", "sitter", {"attempt_id": "running"}, wait_for="#desk"),
    Shown("submitted", "/attempts/{attempt_id}/submitted", "waiting", {"attempt_id": "submitted"}),
    Shown("result-waits", "/attempts/{attempt_id}/result", "waiting", {"attempt_id": "submitted"}),
    Shown("result", "/attempts/{attempt_id}/result", "candidate", {"attempt_id": "released"}),
    Shown("my-certificates", "/certificates", "candidate"),
    Shown("holder", "/certificates/{certificate_id}", "candidate", {"certificate_id": "certificate"}),
    Shown("wallet", "/certificates/{certificate_id}/wallet", "candidate", {"certificate_id": "certificate"}),
    # a candidate with several attempts: before, between and after them
    Shown("my-exams-again", "/my/exams", "again"),
    Shown("door-again", "/sittings/{sitting_id}/start", "again", TRIES),
    Shown("submitted-again", "/attempts/{attempt_id}/submitted", "again", {"attempt_id": "tried"}),
    Shown("my-exams-busy", "/my/exams", "busy"),
    Shown("result-several", "/attempts/{attempt_id}/result", "done", {"attempt_id": "tried_twice"}),
    Shown("door-voided", "/sittings/{sitting_id}/start", "voided", TRIES),
    Shown("my-name", "/my/name", "fresh"),
    Shown("my-name-waits", "/my/name", "candidate"),
    Shown("valid", "/certificates/{certificate_id}/valid", "candidate", {"certificate_id": "certificate"}),
    Shown("erase", "/certificates/{certificate_id}/erase", "candidate", {"certificate_id": "certificate"}),
    Shown("erased", "/my/erased", "candidate"),
    # a sitting in Safe Exam Browser
    Shown("door-locked", "/sittings/{sitting_id}/start", "outside", {"sitting_id": "locked_sitting"}),
    Shown("browser", "/attempts/{attempt_id}/browser", "outside", {"attempt_id": "outside"}),
    Shown("sign", "/sign", "outside"),
    Shown("lockdown", "/sittings/{sitting_id}/browser", "instructor", {"sitting_id": "locked_sitting"}),
    Shown("without-browser", "/attempts/{attempt_id}/without-browser", "instructor", {"attempt_id": "outside"}),
    Shown("sitting-locked", "/sittings/{sitting_id}", "instructor", {"sitting_id": "locked_sitting"}),
    Shown("live-locked", "/sittings/{sitting_id}/live", "instructor", {"sitting_id": "locked_sitting"}),
    # anybody, about a certificate
    Shown("verify", "/verify", "nobody"),
    Shown("verify-many", "/verify/many", "nobody"),
    Shown("verify-person", "/verify/person", "nobody"),
    Shown("verify-paper", "/verify", "nobody", query="?address=0+0000+0000+0000+0000"),
    Shown("receipts", "/receipts", "nobody"),
    Shown("certificate", "/c/{certificate_id}", "nobody", {"certificate_id": "certificate"}),
    Shown("certificate-print", "/c/{certificate_id}/print", "nobody", {"certificate_id": "certificate"}),
    # certificates that add up
    Shown("certificate-stacked", "/c/{certificate_id}", "nobody", {"certificate_id": "stacked"}),
    Shown("programmes", "/programmes", "nobody"),
    Shown("programme", "/programmes/{slug}", "nobody", {"slug": "programme"}),
    Shown("programme-version", "/programmes/{slug}/{number}", "nobody", {"slug": "programme", "number": "first"}),
    Shown("programme-mine", "/programmes/{slug}", "candidate", {"slug": "programme"}),
    Shown("programmes-mine", "/my/programmes", "candidate"),
    Shown("programmes-next", "/my/programmes", "fresh"),
    Shown("skills-mine", "/my/skills/{slug}", "candidate", {"slug": "map"}),
    Shown("programmes-staff", "/programmes", "instructor"),
    Shown("programme-new", "/programmes/new", "instructor"),
    Shown("programme-edit", "/programmes/{slug}/edit", "instructor", {"slug": "programme"}),
    Shown("programme-notices", "/programmes/notices", "instructor"),
    Shown("skills", "/skills", "instructor"),
    Shown("skills-new", "/skills/new", "instructor"),
    Shown("skill-map", "/skills/{slug}", "instructor", {"slug": "map"}),
    Shown("skill-map-edit", "/skills/{slug}/edit", "instructor", {"slug": "map"}),
    # authors and instructors
    Shown("home-instructor", "/home", "instructor"),
    Shown("exams", "/exams", "instructor"),
    Shown("exam-new", "/exams/new", "instructor"),
    Shown("exam", "/exams/{exam_id}", "instructor", EXAM),
    Shown("exam-text", "/exams/{exam_id}/text", "instructor", EXAM),
    Shown("exam-item-choice", "/exams/{exam_id}/items/{item_id}", "instructor", EXAM | {"item_id": "item_choice"}),
    Shown("exam-item-match", "/exams/{exam_id}/items/{item_id}", "instructor", EXAM | {"item_id": "item_match"}),
    Shown("exam-item-code", "/exams/{exam_id}/items/{item_id}", "instructor", EXAM | {"item_id": "item_code"}),
    Shown("exam-preview", "/exams/{exam_id}/preview", "instructor", EXAM),
    Shown("exam-publish", "/exams/{exam_id}/publish", "instructor", EXAM),
    Shown("exam-version", "/exams/{exam_id}/versions/{number}", "instructor", EXAM | {"number": "version"}),
    Shown("sittings", "/sittings", "instructor"),
    Shown("sitting-new", "/sittings/new", "instructor"),
    Shown("sitting", "/sittings/{sitting_id}", "instructor", {"sitting_id": "runs"}),
    Shown("entry", "/sittings/{sitting_id}/entry", "instructor", {"sitting_id": "runs"}),
    Shown("shown", "/sittings/{sitting_id}/shown", "instructor", {"sitting_id": "runs"}),
    Shown("join", "/join/{link}", "fresh", {"link": "link"}),
    Shown("live", "/sittings/{sitting_id}/live", "instructor", {"sitting_id": "runs"}),
    Shown("sitting-several", "/sittings/{sitting_id}", "instructor", TRIES),
    Shown("live-several", "/sittings/{sitting_id}/live", "instructor", TRIES),
    Shown("results-several", "/sittings/{sitting_id}/results", "instructor", TRIES),
    Shown("release-several", "/sittings/{sitting_id}/release", "instructor", TRIES),
    Shown("review-several", "/reviews/{attempt_id}", "instructor", {"attempt_id": "tried"}),
    Shown("time", "/sittings/{sitting_id}/time", "instructor", {"sitting_id": "runs"}),
    Shown("marking", "/marking", "instructor"),
    Shown("marking-sitting", "/sittings/{sitting_id}/grading", "instructor", SITTING),
    Shown("results", "/sittings/{sitting_id}/results", "instructor", {"sitting_id": "over"}),
    Shown("findings", "/sittings/{sitting_id}/findings", "instructor", SITTING),
    Shown("reviews", "/reviews", "instructor"),
    Shown("review", "/reviews/{attempt_id}", "instructor", {"attempt_id": "submitted"}),
    Shown("recovery", "/attempts/{attempt_id}/recovery", "instructor", {"attempt_id": "submitted"}),
    Shown("release", "/sittings/{sitting_id}/release", "instructor", SITTING),
    Shown("certificates", "/certificates", "instructor"),
    Shown("batches", "/certificates/batches", "instructor"),
    Shown("batch-new", "/certificates/batches/new", "instructor"),
    Shown("batch-own", "/certificates/batches/{batch_id}", "instructor", {"batch_id": "batch"}),
    Shown("batch", "/certificates/batches/{batch_id}", "operator", {"batch_id": "batch"}),
    Shown(
        "batch-draft", "/certificates/batches/{batch_id}/{number}", "operator", {"batch_id": "batch", "number": "row"}
    ),
    Shown("revoke", "/certificates/{certificate_id}/revoke", "instructor", {"certificate_id": "certificate"}),
    Shown("suspend", "/certificates/{certificate_id}/suspend", "instructor", {"certificate_id": "certificate"}),
    Shown("reinstate", "/certificates/{certificate_id}/reinstate", "instructor", {"certificate_id": "certificate"}),
    Shown("certificate-revoked", "/c/{certificate_id}", "nobody", {"certificate_id": "revoked"}),
    Shown("certificate-suspended", "/c/{certificate_id}", "nobody", {"certificate_id": "suspended"}),
    Shown("names", "/names", "operator"),
    Shown("credits", "/credits", "instructor"),
    Shown("certificate-name", "/operator/accounts/{user_id}/certificate-name", "operator", {"user_id": "person"}),
    # operators
    Shown("accounts", "/operator/accounts", "operator"),
    Shown("account-new", "/operator/accounts/new", "operator"),
    Shown("accounts-import", "/operator/accounts/import", "operator"),
    Shown("account", "/operator/accounts/{user_id}", "operator", {"user_id": "person"}),
    Shown("health", "/operator/health", "operator"),
    Shown("ledger", "/operator/ledger", "operator"),
    Shown("home-operator", "/home", "operator"),
]
# GET addresses that show no page of their own, and why.
NOT_PAGES = {
    "/api/openapi.json": "for programs",
    "/": "leads to /home or /sign-in",
    "/learn": "leads to /courses",
    "/operator": "leads to /operator/health",
    "/my/certificates": "the same page as /certificates",
    "/grading": "the same page as /marking",
    "/attempts/{attempt_id}/review": "leads to /reviews/{attempt_id}",
    "/attempts/{attempt_id}/sheet": "part of the room, for the live device only",
    "/courses/{slug}/export.zip": "a file",
    "/watching/{name}": "a model, for the exam room",
    "/certificates/batches/{batch_id}/report.csv": "a file",
    "/activities/{activity_id}/file": "a file",
    "/certificates/batches/{batch_id}/{number}/draft.pdf": "a file",
    "/exams/{exam_id}/file": "a file",
    "/exams/{exam_id}/versions/{number}/file": "a file",
    "/sittings/{sitting_id}/results.csv": "a file",
    "/sittings/{sitting_id}/left": "ends the locked-down browser",
    "/sittings/{sitting_id}/settings.seb": "a file",
    "/sittings/{sitting_id}/browser/settings.seb": "a file",
    "/sittings/{sitting_id}/live/news": "server-sent events for the live view",
}


def get_routes(app: FastAPI) -> set[str]:
    """The GET addresses that the API's documentation leaves out: pages, files and redirects for people."""
    found = iter_route_contexts(app.routes)
    return {str(each.path) for each in found if "GET" in (each.methods or ()) and not each.include_in_schema}
