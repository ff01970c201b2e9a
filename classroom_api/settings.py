"""Flags and `TANDEM_…` variables become one frozen `Settings`; every package gets its own part."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from classroom_api.oidc import OidcConfig
from classroom_api.outbox.carriers import LrsConfig
from classroom_api.retention.policy import Policy
from classroom_api.storage import Storage, open_storage
from classroom_api.store.database import engine_of
from recording.budget import DiskBudget
from recording.encryption import KeyRing
from recording.recorder import RecordingConfig
from streaming.config import MAX_PACKET_WORKERS, AdvertisedAddress, MediaConfig

DEFAULT_HTTP_PORT = 8080
DEFAULT_MEDIA_PORT = 7882


def default_packet_workers() -> int:
    """Every core that this process may use but one, which Python keeps."""
    return max(1, min(len(os.sched_getaffinity(0)) - 1, MAX_PACKET_WORKERS))


def default_parallel_jobs() -> int:
    """Half of the cores that this process may use: the others stay for lessons."""
    return max(1, len(os.sched_getaffinity(0)) // 2)


class Settings(BaseSettings):
    """What `tandem serve` can be told: each field is a flag (`--http-port`) and a variable."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="address the HTTP server listens on (0.0.0.0 for all)")
    http_port: int = Field(default=DEFAULT_HTTP_PORT, ge=0, le=65535, description="HTTP and WebSocket port")
    media_port: int = Field(default=DEFAULT_MEDIA_PORT, ge=0, le=65535, description="UDP port of all media")
    public_address: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="where clients send media; ADVERTISED=LOCAL behind NAT; may be repeated"
    )
    packet_workers: int = Field(
        default_factory=default_packet_workers,
        ge=1,
        le=MAX_PACKET_WORKERS,
        description="threads that carry media, all on the one port",
    )
    data_dir: Path = Field(default=Path("data"), description="database, keys, recordings and resources")
    database_url: str | None = Field(
        default=None, description="postgresql://…; without it a SQLite file in the data folder"
    )
    oidc_issuer: str | None = Field(default=None, max_length=300, description="OpenID Connect provider")
    oidc_client_id: str = Field(default="", description="this server's id there")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="and its secret")
    oidc_login_claim: str = Field(
        default="preferred_username", description="the claim that is a user's login at the first sign-in"
    )
    tls_cert: Path | None = Field(default=None, description="certificate chain (PEM)")
    tls_key: Path | None = Field(default=None, description="private key (PEM)")
    max_participants: int = Field(
        default=1200, ge=2, le=10_000, description="seats and viewers of one lesson"
    )
    max_transports: int = Field(default=4000, ge=2, le=40_000, description="peer connections of this server")
    invitation_days: int = Field(
        default=7, ge=1, le=400, description="an invitation's life if its lesson never ends"
    )

    site_url: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^https?://[^/\s]+$",
        description="where browsers find this server, https://host; names accounts and activities in xAPI",
    )
    lrs_url: str | None = Field(
        default=None, max_length=300, description="learning record store; /statements follows"
    )
    lrs_key: str = Field(default="", description="its key (Basic authentication)")
    lrs_secret: SecretStr = Field(default=SecretStr(""), description="and its secret")
    lrs_version: Literal["1.0.3", "2.0.0"] = Field(default="1.0.3", description="the xAPI version it speaks")
    webhook_private_addresses: bool = Field(
        default=False, description="webhooks may go to private addresses, and by plain HTTP to this machine"
    )
    delivery_timeout_s: float = Field(
        default=10, ge=0.5, le=60, description="how long a webhook or record store may take to answer"
    )
    ladder: Literal["on", "off"] = Field(
        default="on", description="off: versions of replays are made when somebody asks"
    )
    recording_key: SecretStr = Field(
        default=SecretStr(""), description="encrypts raw tracks; base64 of 32 bytes, older keys behind commas"
    )
    recording_lesson_gb: float = Field(
        default=50, gt=0, le=10_000, description="what the raw tracks of one lesson may take"
    )
    recording_free_mb: int = Field(
        default=500, ge=0, le=10_000_000, description="recording stops where the disk has less than this left"
    )
    raw_track_days: int = Field(
        default=30, ge=1, le=365, description="how long raw tracks are kept after their lesson"
    )
    resource_days: int = Field(
        default=1095, ge=30, le=3650, description="after how long a course resource comes up for review"
    )
    review_days: int = Field(
        default=90, ge=7, le=365, description="how long a review may take before the media are erased"
    )

    storage: str | None = Field(
        default=None,
        max_length=300,
        description="s3://bucket/prefix?endpoint=… or file:///folder: where finished files are put besides",
    )
    parallel_jobs: int = Field(
        default_factory=default_parallel_jobs,
        ge=0,
        le=64,
        description="jobs that this process does at once; 0 leaves them to others (tandem worker)",
    )

    redis_url: SecretStr | None = Field(
        default=None,
        description="redis://host/number: hands out jobs to many workers; else the database does",
    )

    recogniser: str | None = Field(
        default=None,
        max_length=1000,
        pattern=r"^(pocketsphinx|command \S.*)$",
        description="makes captions of speech: pocketsphinx, or `command PROGRAM ARGUMENT…`; unset: nothing",
    )
    recogniser_language: str = Field(
        default="en",
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$",
        max_length=20,
        description="what it understands",
    )

    @field_validator("public_address", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_address")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            for part in entry.split("=", 1):
                try:
                    ipaddress.ip_address(part)
                except ValueError:
                    raise ValueError(f"{part!r} is not an IP address (names are not resolved here)") from None
        return value

    @field_validator("recording_key")
    @classmethod
    def _are_recording_keys(cls, value: SecretStr) -> SecretStr:
        KeyRing.parse(value.get_secret_value())
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str | None) -> str | None:
        if value is not None:
            engine_of(value).dispose()
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())  # its port, too, may be none
            if parts.scheme not in ("redis", "rediss", "unix") or parts.port == 0:
                raise ValueError("not a Redis URL (redis://host:6379/0, rediss://… or unix:///path)")
        return value

    @field_validator("storage")
    @classmethod
    def _is_a_storage(cls, value: str | None) -> str | None:
        if value is not None:
            open_storage(value)
        return value

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("--tls-cert and --tls-key go together")
        for path in (self.tls_cert, self.tls_key):
            if path is not None and not path.is_file():
                raise ValueError(f"{path} is not a file")
        return self

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer is None:
            return self
        if not self.oidc_client_id or not self.oidc_client_secret.get_secret_value():
            raise ValueError("TANDEM_OIDC_ISSUER needs TANDEM_OIDC_CLIENT_ID and TANDEM_OIDC_CLIENT_SECRET")
        if not self.oidc_issuer.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("TANDEM_OIDC_ISSUER must be https")
        return self

    @model_validator(mode="after")
    def _lrs_is_whole(self) -> Self:
        if self.lrs_url is None:
            return self
        if not self.lrs_key or not self.lrs_secret.get_secret_value() or self.site_url is None:
            raise ValueError("TANDEM_LRS_URL needs TANDEM_LRS_KEY, TANDEM_LRS_SECRET and TANDEM_SITE_URL")
        if not self.lrs_url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("TANDEM_LRS_URL must be https")
        return self

    def opened_storage(self) -> Storage | None:
        """Where finished files are put besides, if anywhere."""
        return open_storage(self.storage) if self.storage is not None else None

    def lrs(self) -> LrsConfig | None:
        """The learning record store, if there is one."""
        if self.lrs_url is None or self.site_url is None:
            return None
        secret = self.lrs_secret.get_secret_value()
        return LrsConfig(self.lrs_url.rstrip("/"), self.lrs_key, secret, self.lrs_version, self.site_url)

    def recording(self) -> RecordingConfig:
        """The recorder's part."""
        budget = DiskBudget(round(self.recording_lesson_gb * 1e9), self.recording_free_mb * 1_000_000)
        keys = KeyRing.parse(self.recording_key.get_secret_value())
        return RecordingConfig(self.data_dir, keys=keys, budget=budget)

    def retention(self) -> Policy:
        """How long media are kept where an organization does not say."""
        return Policy(self.raw_track_days, self.resource_days, self.review_days)

    def oidc(self) -> OidcConfig | None:
        """The sign-in provider, if there is one."""
        if self.oidc_issuer is None:
            return None
        secret = self.oidc_client_secret.get_secret_value()
        return OidcConfig(self.oidc_issuer, self.oidc_client_id, secret, self.oidc_login_claim)

    @property
    def has_tls(self) -> bool:
        return self.tls_cert is not None

    def media(self) -> MediaConfig:
        """The media server's part."""
        entries = self.public_address or default_addresses(self.host)
        addresses = []
        for entry in entries:
            advertised, _, bind = entry.partition("=")
            addresses.append(AdvertisedAddress(advertised=advertised, bind=bind or advertised))
        return MediaConfig(
            tuple(addresses),
            self.media_port,
            packet_workers=self.packet_workers,
            max_transports=self.max_transports,
        )


def default_addresses(host: str) -> tuple[str, ...]:
    """Addresses to advertise when none were named: the one that `host` names, else those of this machine's
    interfaces that a packet leaving it would carry (IPv4 and IPv6), else loopback."""
    try:
        given = ipaddress.ip_address(host)
    except ValueError:
        given = None
    if host == "localhost" or (given is not None and given.is_loopback):
        return ("127.0.0.1",) if given is None or given.version == 4 else ("::1",)
    if given is not None and not given.is_unspecified:
        return (str(given),)
    found = (_source_address(socket.AF_INET, "192.0.2.1"), _source_address(socket.AF_INET6, "2001:db8::1"))
    return tuple(address for address in found if address is not None) or ("127.0.0.1",)


def _source_address(family: socket.AddressFamily, towards: str) -> str | None:
    """The local address a datagram to `towards` would leave from. Connecting a UDP socket sends nothing."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def load_settings(flags: Mapping[str, Any]) -> Settings:
    """Settings from the environment, overridden by each flag that was given (not None, not empty)."""
    return Settings(**{name: value for name, value in flags.items() if value is not None and value != ()})


def forget_recording_key() -> None:
    """Processes that this one starts inherit its environment: the key is not for them."""
    os.environ.pop("TANDEM_RECORDING_KEY", None)
