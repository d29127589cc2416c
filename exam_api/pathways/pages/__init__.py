"""Pages about programmes and maps of skills."""

from fastapi import APIRouter, Depends

from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
