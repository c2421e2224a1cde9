"""The only reader of the environment. Every setting has a type, a default and a line of help (docs/settings.md)."""

from pathlib import Path

from pydantic import Field
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
    var_dir: Path = Field(Path("var"), description="Where caches and the default database lie")
    cities: str = Field("", description="Cities to serve, separated by commas; empty: all that have a folder")
    default_city: str = Field("hoshimi", description="The city shown at / and asked by `madoguchi ask` without --city")
    host: str = Field("127.0.0.1", description="The address that `serve` listens on")
    port: int = Field(8000, ge=1, le=65535, description="The port that `serve` listens on")
    max_text: int = Field(1000, ge=50, description="Longest question in characters; longer ones get a polite reply")
    turns_per_minute: int = Field(60, ge=1, description="Messages a minute from one conversation before it is asked to wait")
    log_format: str = Field("plain", pattern="^(plain|json)$", description="How log lines look: plain or json")

    @property
    def files(self) -> DataFiles:
        """The content folders these settings name."""
        return DataFiles(self.faq_dir, self.nlu_data_dir)
