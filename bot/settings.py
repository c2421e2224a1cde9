"""The only reader of the environment. Every setting has a type, a default and a line of help (docs/settings.md)."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from faq.data_files import PACKAGE_FAQ_DIR, PACKAGE_NLU_DATA_DIR, DataFiles


class Settings(BaseSettings):
    """Settings of one process, each from the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="", frozen=True, extra="ignore")

    database_url: str = Field("sqlite:///var/madoguchi.sqlite3", description="Where facts are kept: sqlite:/// or postgresql+psycopg://")
    cache_url: str = Field("memory://", description="Short-lived shared facts: memory:// (one worker) or redis://")
    faq_dir: Path = Field(PACKAGE_FAQ_DIR, description="The content folder `faq/`, to change content without a release")
    nlu_data_dir: Path = Field(PACKAGE_NLU_DATA_DIR, description="The folder `nlu_data/` of languages and models")
    embedding_model: str = Field("", description="A model folder or hub id; empty: the shipped one; `none`: words only")
    index_url: str = Field("", description="PostgreSQL with pgvector that holds the search index; empty: VAR_DIR and memory")
    var_dir: Path = Field(Path("var"), description="Where caches and the default database lie")
    cities: str = Field("", description="Cities to serve, separated by commas; empty: all that have a folder")
    default_city: str = Field("hoshimi", description="The city shown at / and asked by `madoguchi ask` without --city")
    host: str = Field("127.0.0.1", description="The address that `serve` listens on")
    port: int = Field(8000, ge=1, le=65535, description="The port that `serve` listens on")
    max_text: int = Field(1000, ge=50, description="Longest question in characters; longer ones get a polite reply")
    turns_per_minute: int = Field(60, ge=1, description="Messages a minute from one conversation before it is asked to wait")
    log_format: str = Field("plain", pattern="^(plain|json)$", description="How log lines look: plain or json")
    public_url: str = Field("", description="Where browsers reach this service, e.g. https://madoguchi.example; empty: as asked")
    staff_idle_minutes: int = Field(30, ge=5, le=480, description="Minutes without use after which a session of staff ends")
    staff_session_hours: int = Field(10, ge=1, le=24, description="Hours after which a session of staff ends in any case")
    staff_key_file: str = Field("", description="The key over one-time codes; empty: made in VAR_DIR/keys, for one machine")
    audit_days: int = Field(1826, ge=90, description="Days that lines of the audit log are kept")
    oidc_issuer: str = Field("", description="The city's sign-in service for staff (OpenID Connect issuer); empty: none")
    oidc_client_id: str = Field("", description="What the sign-in service calls this console")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The secret that the sign-in service gave this console")
    oidc_client_secret_file: str = Field("", description="A file that holds that secret; outranks the variable")
    desk_key_file: str = Field(
        "", description="The key over residents' e-mail addresses; empty: made once in VAR_DIR/keys, for one machine"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""), description="The mail server, such as smtp+starttls://name:password@host:587; empty: no mail"
    )
    mail_from: str = Field("", description="The sender of mails, such as madoguchi@city.example; empty: no mail")
    desk_mail_to: dict[str, str] = Field(
        {}, description='Who is told of hand-offs, as JSON: {"city": address, "city.department": address}'
    )
    desk_webhooks: dict[str, SecretStr] = Field(
        {}, description="Incoming webhooks of staff's chat (Slack, Teams), as JSON like the above"
    )
    line_channels: str = Field("", description="A YAML file with each city's LINE channel and its secrets (docs/line.md)")
    line_api_host: str = Field("https://api.line.me", description="Where LINE's API is; another address to try without LINE")
    line_data_host: str = Field("https://api-data.line.me", description="Where LINE takes pictures; as above")
    line_key_file: str = Field("", description="The key over LINE ids; empty: made once in VAR_DIR/keys, for one machine")
    line_work: str = Field(
        "", pattern="^(|within|beside|elsewhere)$",
        description="Where LINE is answered: `within` the serving process, `beside` it in one of its own, `elsewhere` by "
        "`madoguchi line work`; empty: beside, but within where CACHE_URL is memory://",
    )  # fmt: skip
    translation_url: str = Field(
        "", pattern=r"^(https?://\S+)?$",
        description="The city's own translation server (LibreTranslate's API), e.g. http://translate.city.example:5000; "
        "empty: no machine translation",
    )  # fmt: skip

    @property
    def files(self) -> DataFiles:
        """The content folders these settings name."""
        return DataFiles(self.faq_dir, self.nlu_data_dir)
