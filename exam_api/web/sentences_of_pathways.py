"""What the readers of skills, programmes and maps say in plain English. See `exam_api.web.sentences`."""

from typing import Final

from exam_api.web.i18n import _

SKILLS: Final = (
    _("the skill id {quoted} is used twice"),
    _("the skill {quoted} is used twice"),
    _("{quoted} must be a full address that begins with https://, http:// or urn:"),
    _("{quoted} is not among the skills of the certificate; did you mean {other}"),
    _("{quoted} is not among the skills of the certificate; they are: {wanted}"),
)
PROGRAMMES: Final = (
    _("is missing: say what its holder gets"),
    _("has no meaning beside {quoted}"),
    _("has no meaning here: a programme's certificate is given anew when its rule is met again"),
    _("must have exactly one of these keys: {wanted}"),
    _("stands too deep: groups in groups go at most {most} deep"),
    _("{quoted} is not the id of an exam: it stands in the address of the exam's page"),
    _("a rule asks for at most {most} certificates"),
    _("groups stand in groups at most {most} deep"),
    _("a level belongs to a skill"),
    _("a group asks for the same thing twice"),
    _("There is no programme {quoted}. Write it first."),
    _("There is no published exam with the id {text}. Publish it first."),
    _("{text}: a programme cannot need itself, not even by way of others."),
    _("The file has more than {most} characters."),
)
MAPS: Final = (
    _("a map has from {least} to {most} skills, and this one has {count}"),
    _("two skills have the short name {quoted}"),
    _("two skills have the address {quoted}"),
    _("the way {text} leads back to itself: no skill is a part of, or requires, itself, not even by way of others"),
    _("the way {text} leads back to itself: no skill is a narrower word for itself, not even by way of others"),
    _("the levels of the map are numbers from {least} to {most}"),
    _("the levels of the map go upwards, each number once"),
    _("the levels of {quoted} are numbers from {least} to {most}"),
    _("the levels of {quoted} go upwards, each number once"),
    _("{quoted} names {other}, and the map has no skill of this name"),
    _("{quoted} names itself"),
    _("{quoted} requires {other} at level {number}, and its levels are {wanted}"),
)
FRAMEWORKS: Final = (
    _("A CASE package has {quoted}, and this file has none."),
    _("The package has {count} items that can be used; a map has from {least} to {most}."),
    _("The first row of the table names its columns; 'name' and 'url' must be among them."),
    _("The table has a column {quoted}; known ones are: {wanted}."),
    _("The table has {count} rows; a map has from {least} to {most} skills."),
    _("Row {number} of the table has more cells than the first one."),
    _("Row {number} of the table has no name or no address."),
    _("The file is no table of text ({text})."),
    _("The file is not text in UTF-8."),
)
