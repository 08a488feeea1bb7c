"""Every setting of Simpul, read once from the environment (`SIMPUL_*`) and handed on."""

import os
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

INSTANCE_FILE = "simpul.env"
RoleName = Literal["steward", "head", "walidata", "analyst", "rw", "executive", "auditor"]


class Settings(BaseSettings):
    """Documented one by one in `docs/reference/settings.md`; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="SIMPUL_", frozen=True, extra="ignore")

    home: Path = Field(
        Path(".simpul"), description="Folder of all that the embedded default writes"
    )
    database_url: str | None = Field(
        None, description="Control plane; default is the file control.db in the home"
    )
    storage_url: str | None = Field(
        None, description="Folder of the releases; default is releases/ in the home"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="How others reach this hub; issuer of its tokens"
    )
    instance_name: str = Field("Kabupaten Paser", description="The regency, shown on every page")
    operator_name: str = Field(
        "DKISP Kabupaten Paser", description="The walidata that runs this hub, shown in the footer"
    )
    timezone: str = Field("Asia/Makassar", description="Time zone of working days and pages (WITA)")
    business_date: date | None = Field(
        None, description="The day on which working-day clocks and badges stand; default is today"
    )
    demo: bool = Field(False, description="Show the demonstration strip and sign-ins on the pages")
    max_upload_bytes: int = Field(
        2 * 1024**3, description="Largest body of a batch, in bytes", gt=0
    )
    quarantine_days: int = Field(
        180, description="Days for which rejected rows are kept; their counts stay", gt=0
    )
    judges: int = Field(1, description="Processes that judge large batches", gt=0)
    small_batch_bytes: int = Field(
        1024**2, description="Batches up to this size have a judge of their own, in bytes", gt=0
    )
    schema_notice_days: int = Field(
        90, description="Shortest notice before a broken promise, in days", ge=0
    )
    contract_sign_days: int = Field(
        14, description="Days for which a contract waits for the signature of an agency's key", gt=0
    )
    clock_gap_minutes: int = Field(
        120, description="Longest absence of the hub that is held against nobody, in min", gt=0
    )
    query_workers: int = Field(2, description="Warm processes for analyst SQL", gt=0)
    query_seconds: float = Field(30, description="Longest time of one analyst query, in s", gt=0)
    query_rows: int = Field(
        100_000, description="Most rows one answer to an analyst query carries", gt=0
    )
    query_kept_bytes: int = Field(
        256 * 1024**2,
        description="Most that one analyst query gives in all its answers, in bytes",
        gt=0,
    )
    query_kept_minutes: int = Field(
        15, description="Minutes for which the rest of a long answer is kept", gt=0
    )
    query_confirm_rows: int = Field(
        100_000_000,
        description="Rows in one step of a plan above which a query runs only when confirmed",
        gt=0,
    )
    query_history_days: int = Field(
        90, description="Days for which one's own queries are remembered", gt=0
    )
    smallest_cell: int = Field(
        5, description="Ready-made aggregates show no cell of fewer records than this", ge=2
    )
    slice_cache_bytes: int = Field(
        10 * 1024**3, description="Room for the files cut to a policy, in bytes", gt=0
    )
    token_seconds: int = Field(300, description="Life of an access token, in s", gt=0)
    refresh_days: int = Field(
        30, description="A program's hold on a person's authority ends after this, in days", gt=0
    )
    session_idle_minutes: int = Field(30, description="A sign-in ends after this silence", gt=0)
    session_hours: int = Field(10, description="A sign-in ends after this, whatever happens", gt=0)
    entry_code_days: int = Field(
        14, description="Days for which a one-time code on paper opens an account", gt=0, le=90
    )
    second_factor_roles: frozenset[RoleName] = Field(
        frozenset(),
        description='Roles whose people sign in with a password and a code, e.g. ["walidata"]',
    )
    trusted_proxies: frozenset[IPvAnyNetwork] = Field(
        frozenset(),
        description="Networks of the proxies whose X-Forwarded-For is believed (JSON list)",
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of the regency's own OpenID provider; none means passwords alone"
    )
    oidc_name: str = Field(
        "sso",
        description="Short name of that provider, in addresses and in the table of its roles",
        pattern=r"^[a-z][a-z0-9-]{0,30}$",
    )
    oidc_label: str = Field(
        "akun kabupaten", description="What people call it: on the button, after «Masuk dengan»"
    )
    oidc_client_id: str = Field("", description="The hub's own client id at that provider")
    oidc_client_secret: SecretStr | None = Field(
        None, description="The hub's secret there; better as a file, or a key instead"
    )
    oidc_client_secret_file: Path | None = Field(None, description="File that holds that secret")
    oidc_client_key_file: Path | None = Field(
        None, description="PEM file of the key with which the hub proves itself (private_key_jwt)"
    )
    oidc_roles_claim: str = Field(
        "realm_access.roles", description="Where a sign-in tells roles; dots lead into objects"
    )
    oidc_newcomers: bool = Field(
        False, description="Make an account for whoever comes from there for the first time"
    )
    oidc_second_factor: bool = Field(
        False, description="Ask for the hub's own second factor after that provider's sign-in too"
    )
    allowed_sources: frozenset[str] = Field(
        frozenset(),
        description="host:port on the local network that pull connectors may reach (JSON list)",
    )
    source_root: Path | None = Field(
        None, description="Folder under which file sources may lie; none means no file sources"
    )
    secret_key: SecretStr | None = Field(
        None, description="Key of stored connector secrets; default is a key file in the home"
    )
    smtp_host: str = Field("", description="Mail server for notices; none means no mail is sent")
    smtp_port: int = Field(587, description="Its port", gt=0, lt=65536)
    smtp_user: str = Field("", description="Account at the mail server; none means no sign-in")
    smtp_password: SecretStr | None = Field(None, description="Password of that account")
    smtp_starttls: bool = Field(
        True, description="Send mail over STARTTLS with a trusted certificate only"
    )
    smtp_from: str = Field(
        "",
        description="Address in From of the hub's mail; none means no mail",
        pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)?$",
    )
    phone_gateway_url: str = Field(
        "",
        description="Gateway for messages on phones (HTTP POST); none means none is sent",
        pattern=r"^(https?://[^\s/@?#]+(/[^\s#]*)?)?$",
    )
    phone_gateway_token: SecretStr | None = Field(None, description="Bearer token at that gateway")
    notice_days: int = Field(
        365, description="Days for which notices and what went out of them are kept", gt=0
    )

    @cached_property
    def database(self) -> str:
        """SQLAlchemy URL of the control plane."""
        return self.database_url or f"sqlite:///{(self.home / 'control.db').absolute()}"

    @cached_property
    def storage(self) -> Path:
        """Folder of the release tables."""
        return Path(self.storage_url) if self.storage_url else self.home.absolute() / "releases"

    @property
    def work(self) -> Path:
        """Folder for batches on their way in; private to the hub."""
        return self.home.absolute() / "work"

    @property
    def keys(self) -> Path:
        """Folder of signing keys; mode 0700."""
        return self.home.absolute() / "keys"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load_settings() -> Settings:
    """The environment over the instance's own file `simpul.env` in its home, over the defaults."""
    home = Path(os.environ.get("SIMPUL_HOME", ".simpul"))
    return Settings(home=home, _env_file=home / INSTANCE_FILE)


def make_home(home: Path) -> None:
    """Make the home for the hub's user alone; one that is there keeps the mode it was given."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_instance(home: Path, values: dict[str, str]) -> Path:
    """Make the instance's own file, `SIMPUL_NAME=value` a line; an existing one is kept."""
    make_home(home)
    path = home / INSTANCE_FILE
    if not path.exists():
        lines = [f"SIMPUL_{name.upper()}={value}\n" for name, value in values.items()]
        path.write_text("".join(lines))
    return path
