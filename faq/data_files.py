"""Where content lies on disk: beside the packages, or where FAQ_DIR and NLU_DATA_DIR say."""

from dataclasses import dataclass
from pathlib import Path

import nlu_data

PACKAGE_FAQ_DIR = Path(__file__).parent
PACKAGE_NLU_DATA_DIR = Path(nlu_data.__path__[0])


@dataclass(frozen=True)
class DataFiles:
    """The two content folders of a deployment."""

    faq: Path = PACKAGE_FAQ_DIR
    nlu_data: Path = PACKAGE_NLU_DATA_DIR

    @property
    def nationwide(self) -> Path:
        """The shared master FAQ and garbage lexicon."""
        return self.faq / "nationwide"

    @property
    def cities(self) -> Path:
        """One folder per city."""
        return self.faq / "cities"

    def city_ids(self) -> list[str]:
        """Return the ids of all cities that have a `city.yaml`, in alphabetical order."""
        return sorted(path.parent.name for path in self.cities.glob("*/city.yaml"))
