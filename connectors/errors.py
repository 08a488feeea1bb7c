"""What can go wrong between the hub and an agency's system.

ConnectorError
├── KindUnknown            no such kind of source
├── OptionsInvalid         the form is filled in wrongly; carries every fault
├── UrlForbidden           the address has a form that is never called
├── AddressForbidden       the name leads to an address inside somebody's network
├── SourceUnavailable      it does not answer, or answers with an error; carries the layer
├── SourceRefused          it answers, but not to us (401, 403, permission denied)
├── SourceRedirected       it sends us elsewhere; a redirect is never followed
├── SourceBodyInvalid      what it sent is not what was agreed (HTML, half a body, not JSON)
├── SourceTooLarge         it sent more than the agreed limit
├── FolderForbidden        the folder lies outside the roots this instance allows
└── SpoolFailed            our own disk could not keep what was fetched

No message carries a path, a query or a header of a URL: LKPP's bus keeps its credential there.
"""

from dataclasses import dataclass
from typing import Literal

LayerName = Literal[
    "options", "dns", "tcp", "tls", "auth", "query", "exists", "readable", "files", "spool"
]


@dataclass(frozen=True)
class Sentence:
    """One thing said to a person, in Indonesian and in English."""

    id: str
    en: str

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True)
class OptionFault:
    """One wrong field of a source's options; `field` is a dotted path, empty for the whole."""

    field: str
    sentence: Sentence


class ConnectorError(Exception):
    """Base of the room. `layer` says where it failed, `transient` whether trying later may help."""

    layer: LayerName = "query"
    transient: bool = False

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class KindUnknown(ConnectorError):
    layer: LayerName = "options"

    def __init__(self, kind: str, reason: str = "") -> None:
        super().__init__(
            Sentence(
                id=f"Jenis sumber '{kind}' tidak tersedia di instans ini.",
                en=f"There is no source kind '{kind}' on this instance.",
            )
        )
        self.kind, self.reason = kind, reason


class OptionsInvalid(ConnectorError):
    layer: LayerName = "options"

    def __init__(self, faults: list[OptionFault]) -> None:
        first = faults[0].sentence
        super().__init__(
            Sentence(
                id=f"Isian sumber belum benar: {first.id}",
                en=f"The options of the source are not valid: {first.en}",
            )
        )
        self.faults = tuple(faults)


class UrlForbidden(ConnectorError):
    layer: LayerName = "options"


class AddressForbidden(ConnectorError):
    """`address` is the offending one: for our log, not for the person who asked."""

    layer: LayerName = "dns"

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(
            Sentence(
                id=f"'{host}:{port}' mengarah ke jaringan dalam. Minta pengelola instans "
                "menambahkannya ke daftar alamat yang diizinkan bila memang benar.",
                en=f"'{host}:{port}' leads into a private network. Ask the operator of this "
                "instance to add it to the allowed addresses if that is intended.",
            )
        )
        self.host, self.port, self.address = host, port, address


class SourceUnavailable(ConnectorError):
    """`retry_after` in seconds, as the source asked for; `status` when it answered at all."""

    def __init__(
        self,
        layer: LayerName,
        sentence: Sentence,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        transient: bool = True,
    ) -> None:
        super().__init__(sentence)
        self.layer, self.status = layer, status
        self.retry_after, self.transient = retry_after, transient


class SourceRefused(ConnectorError):
    layer: LayerName = "auth"

    def __init__(self, sentence: Sentence, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class SourceRedirected(ConnectorError):
    def __init__(self, origin: str, status: int | None = None) -> None:
        super().__init__(
            Sentence(
                id=f"Sumber mengalihkan ke {origin}; pengalihan tidak pernah diikuti. "
                "Isi alamat akhirnya langsung.",
                en=f"The source redirects to {origin}; redirects are never followed. "
                "Enter the final address instead.",
            )
        )
        self.origin, self.status = origin, status


BodyFault = Literal[
    "html", "empty", "half", "not-json", "compressed", "no-array", "not-objects", "repeats", "row"
]


class SourceBodyInvalid(ConnectorError):
    """`fault` names what is wrong; `at` is the byte in the body where it was seen."""

    def __init__(self, fault: BodyFault, sentence: Sentence, *, at: int | None = None) -> None:
        super().__init__(sentence)
        self.fault, self.at = fault, at


class SourceTooLarge(ConnectorError):
    def __init__(self, limit: int, what: str = "") -> None:
        name = f" {what}" if what else ""
        super().__init__(
            Sentence(
                id=f"Kiriman sumber{name} melebihi batas {limit:,} bita.".replace(",", "."),
                en=f"What the source sent{name} is over the limit of {limit:,} bytes.",
            )
        )
        self.limit, self.what = limit, what


class FolderForbidden(ConnectorError):
    layer: LayerName = "exists"


class SpoolFailed(ConnectorError):
    """The work directory is full or not writable; nothing of the batch was kept."""

    layer: LayerName = "spool"
    transient = True

    def __init__(self, errno: int | None) -> None:
        super().__init__(
            Sentence(
                id="Ruang kerja Simpul penuh atau tidak dapat ditulisi; data sumber tidak disimpan.",
                en="Simpul's work directory is full or not writable; nothing was kept.",
            )
        )
        self.errno = errno
