"""One module for each report form: what a command found in (:data:`~migrator.model.form.Subject`), text out.

A form is added by adding a module ``form_NAME.py`` with one constant ``FORM``: nothing else lists them. What several
forms need stands beside them: :mod:`~migrator.reports.summary` (what there is to say of a migration),
:mod:`~migrator.reports.sheet` (of ``diff`` and ``check``), and :mod:`~migrator.reports.inert` (text that can do
nothing). Forms for reading share one :mod:`~migrator.reports.document`, of which
:mod:`~migrator.reports.description` knows what is said; it is shown by :mod:`~migrator.reports.markdown`,
:mod:`~migrator.reports.html` and :mod:`~migrator.reports.text`, and none of these three knows what a migration is.
Forms that speak of places share :mod:`~migrator.reports.annotations`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from migrator.model.form import Form

_PREFIX = "form_"


def form_names() -> tuple[str, ...]:
    """The names of all forms, sorted; no form is imported."""
    modules = (module.name for module in iter_modules(__path__))
    return tuple(sorted(name.removeprefix(_PREFIX) for name in modules if name.startswith(_PREFIX)))


def load_form(name: str) -> Form:
    """The form of that name, one that :func:`form_names` gave."""
    form = import_module(f"{__name__}.{_PREFIX}{name}").FORM
    assert isinstance(form, Form)  # noqa: S101 (a module without FORM is a bug of ours)
    return form


def form_for(path: str) -> Form | None:
    """The form that the suffix of ``path`` asks for (upper or lower case), None when no form has that suffix.

    A form without a suffix is asked for by its name alone.
    """
    forms = (load_form(name) for name in form_names())
    return next((form for form in forms if form.suffix and path.lower().endswith(form.suffix)), None)
