"""Who may do what where: roles, permissions, and one rule for each address of the console. Pure; default is no."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.storage.staff import EVERYWHERE, Staff


class Permission(StrEnum):
    """What somebody may do. Texts are `permission.<value>`."""

    ANYBODY = "anybody"  # no sign-in needed
    SIGNED_IN = "signed-in"  # everybody with an account, whatever their roles
    DESK_READ = "desk.read"
    DESK_ANSWER = "desk.answer"
    DESK_ASSIGN = "desk.assign"
    HOURS_READ = "hours.read"
    HOURS_MANAGE = "hours.manage"
    FAQ_READ = "faq.read"
    FAQ_EDIT = "faq.edit"
    FAQ_APPROVE = "faq.approve"
    LINE_READ = "line.read"
    STAFF_READ = "staff.read"
    STAFF_MANAGE = "staff.manage"
    AUDIT_READ = "audit.read"


class Limit(StrEnum):
    """By what a rule is limited: nothing, the city in the address, or a thing of that city (its department and language).

    The gate checks the city. A page whose rule says THING loads it and calls `require` with its department and language.
    """

    NOTHING = "nothing"
    CITY = "city"
    THING = "thing"


@dataclass(frozen=True)
class Rule:
    """What an address asks for."""

    permission: Permission
    limit: Limit = Limit.NOTHING


@dataclass(frozen=True)
class Where:
    """The place of a thing: its city, and where it has them its department (a role of topics.yaml) and language.

    A thing without a department (or language) is open to everybody who has the permission in its city.
    """

    city: str
    department: str | None = None
    language: str | None = None


_P = Permission
ROLES: Mapping[str, frozenset[Permission]] = {
    "editor": frozenset({_P.FAQ_READ, _P.FAQ_EDIT}),
    "approver": frozenset({_P.FAQ_READ, _P.FAQ_EDIT, _P.FAQ_APPROVE}),
    "officer": frozenset({_P.DESK_READ, _P.DESK_ANSWER, _P.DESK_ASSIGN, _P.HOURS_READ, _P.FAQ_READ, _P.LINE_READ}),
    "admin": frozenset({_P.HOURS_READ, _P.HOURS_MANAGE, _P.LINE_READ, _P.STAFF_READ, _P.STAFF_MANAGE, _P.AUDIT_READ}),
    "auditor": frozenset({_P.DESK_READ, _P.HOURS_READ, _P.FAQ_READ, _P.LINE_READ, _P.STAFF_READ, _P.AUDIT_READ}),
}

# Administrators and auditors are for the whole city: a limited one could not see what they answer for.
LIMITED = frozenset({"editor", "approver", "officer"})

_OPEN, _OWN = Rule(_P.ANYBODY), Rule(_P.SIGNED_IN)
_TICKET_READ, _TICKET_ANSWER = Rule(_P.DESK_READ, Limit.THING), Rule(_P.DESK_ANSWER, Limit.THING)
_READ_STAFF, _MANAGE_STAFF = Rule(_P.STAFF_READ, Limit.CITY), Rule(_P.STAFF_MANAGE, Limit.CITY)
# Each route of the console by its name (the name of its function). An address without a rule is refused, and fails a test.
PERMISSIONS: Mapping[str, Rule] = {
    # the door
    "sign_in_page": _OPEN,
    "sign_in": _OPEN,
    "code_page": _OPEN,  # has a session that waits for its second factor
    "code": _OPEN,
    "first_page": _OPEN,  # has a one-time link
    "first": _OPEN,
    "password_link_page": _OPEN,  # has a one-time link
    "password_link": _OPEN,
    "oidc_start": _OPEN,
    "oidc_return": _OPEN,
    "nothing_here": _OPEN,
    # everybody's own
    "home": _OWN,
    "sign_out": _OWN,
    "account_page": _OWN,
    "account_save": _OWN,
    "password_save": _OWN,
    "totp_page": _OWN,
    "totp_picture": _OWN,
    "totp_save": _OWN,
    "totp_off": _OWN,
    "session_end": _OWN,
    # the desk
    "inbox_page": Rule(_P.DESK_READ, Limit.CITY),
    "inbox_live": Rule(_P.DESK_READ, Limit.CITY),
    "desk_events": Rule(_P.DESK_READ, Limit.CITY),
    "ticket_page": _TICKET_READ,
    "ticket_live": _TICKET_READ,
    "ticket_translate": _TICKET_READ,
    "ticket_here": _TICKET_READ,
    "ticket_typing": _TICKET_ANSWER,
    "ticket_take": _TICKET_ANSWER,
    "ticket_reply": _TICKET_ANSWER,
    "ticket_unsent_drop": _TICKET_ANSWER,
    "ticket_note": _TICKET_ANSWER,
    "ticket_assign": Rule(_P.DESK_ASSIGN, Limit.THING),
    "ticket_close": _TICKET_ANSWER,
    "ticket_reopen": _TICKET_ANSWER,
    # what officers send and learn
    "canned_page": Rule(_P.FAQ_READ, Limit.CITY),
    "canned_edit_page": Rule(_P.FAQ_EDIT, Limit.THING),
    "canned_save": Rule(_P.FAQ_EDIT, Limit.THING),
    "canned_approve": Rule(_P.FAQ_APPROVE, Limit.THING),
    "canned_drop": Rule(_P.FAQ_APPROVE, Limit.THING),
    "drafts_page": Rule(_P.FAQ_READ, Limit.CITY),
    "draft_new_page": _TICKET_ANSWER,
    "draft_new": _TICKET_ANSWER,
    "draft_drop": Rule(_P.FAQ_EDIT, Limit.THING),
    # office hours
    "hours_page": Rule(_P.HOURS_READ, Limit.CITY),
    "special_day_save": Rule(_P.HOURS_MANAGE, Limit.CITY),
    "special_day_drop": Rule(_P.HOURS_MANAGE, Limit.CITY),
    "holidays_import": Rule(_P.HOURS_MANAGE, Limit.CITY),
    # the channels
    "line_page": Rule(_P.LINE_READ, Limit.CITY),
    # the accounts of a city
    "staff_list": _READ_STAFF,
    "staff_new_page": _MANAGE_STAFF,
    "staff_new": _MANAGE_STAFF,
    "staff_page": _READ_STAFF,
    "staff_save": _MANAGE_STAFF,
    "staff_link": _MANAGE_STAFF,
    "staff_sessions_end": _MANAGE_STAFF,
    "role_add": _MANAGE_STAFF,
    "role_remove": _MANAGE_STAFF,
    # the log
    "audit_page": Rule(_P.AUDIT_READ, Limit.CITY),
    "audit_csv": Rule(_P.AUDIT_READ, Limit.CITY),
}

# Addresses that an open page asks by itself: they do not keep a session awake.
QUIET: frozenset[str] = frozenset({"inbox_live", "desk_events", "ticket_live", "ticket_here"})


def allows(person: Staff, permission: Permission, where: Where) -> bool:
    """Say whether a role of this person gives the permission there: city, department and language must all be theirs."""
    return any(
        permission in ROLES.get(one.role, frozenset())
        and one.city in (EVERYWHERE, where.city)
        and (one.departments is None or where.department is None or where.department in one.departments)
        and (one.languages is None or where.language is None or where.language in one.languages)
        for one in person.assignments
    )


def everywhere(person: Staff, permission: Permission) -> bool:
    """Say whether the person has the permission in every city."""
    return allows(person, permission, Where(EVERYWHERE))


def cities_of(person: Staff, permission: Permission, cities: list[str]) -> list[str]:
    """Return those of the cities in which the person has the permission at least somewhere."""
    return [city for city in cities if allows(person, permission, Where(city))]


def departments_of(person: Staff, permission: Permission, city: str) -> frozenset[str] | None:
    """Return the departments for which the person has the permission in a city; None means all. For lists."""
    found: set[str] = set()
    for one in person.assignments:
        if permission in ROLES.get(one.role, frozenset()) and one.city in (EVERYWHERE, city):
            if one.departments is None:
                return None
            found |= one.departments
    return frozenset(found)
