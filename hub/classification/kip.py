"""The class of public information (UU 14/2008) that goes with an access class."""

from dataclasses import dataclass

from sqlmodel import Session

from catalog.datasets import Description
from catalog.models import AccessClass
from hub.errors import InvalidInput
from hub.rules.classes import classes


@dataclass(frozen=True)
class InformationClass:
    """Its name in the book with its title; `derived` when the producer named none."""

    name: str
    title: str
    title_en: str
    derived: bool


def check(session: Session, said: Description) -> None:
    """Raises InvalidInput for a class that the book does not know, or not beside this access class."""
    fitting = classes(session).classes[said.access_class.value].kip
    if said.kip_class and said.kip_class not in fitting:
        raise InvalidInput(
            f"Kelas informasi publik untuk {said.access_class.value} adalah {', '.join(fitting)}, "
            "atau kosong.",
            f"The class of public information for {said.access_class.value} is {', '.join(fitting)}, "
            "or empty.",
            member="kip_class",
            kip_classes=fitting,
        )


def kept(session: Session, kip_class: str, access_class: AccessClass) -> str:
    """The class that stays when the access class changes by rule: empty where it no longer fits."""
    fitting = classes(session).classes[access_class.value].kip
    return kip_class if kip_class in fitting else ""


def of(session: Session, kip_class: str, access_class: str) -> InformationClass:
    """What a dataset is: the class that was named, else the one that its access class brings."""
    book = classes(session)
    name = kip_class or book.kip_of(access_class)
    title = book.kip[name]["title"] if name in book.kip else {"id": name, "en": name}
    return InformationClass(name, title["id"], title["en"], derived=not kip_class)
